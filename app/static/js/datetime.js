// data-module="datetime" on a text field that holds "YYYY-MM-DD HH:MM:SS": the browser's own picker, same text sent.

export default function (input) {
  const value = input.value.trim();
  input.type = "datetime-local";
  input.step = "1";
  input.value = value.replace(" ", "T");
  input.form?.addEventListener("formdata", (event) => {
    if (!input.value) return;
    const text = input.value.replace("T", " ");
    event.formData.set(input.name, text.length === 16 ? `${text}:00` : text);
  });
}

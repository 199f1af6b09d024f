// data-module="filled-only" on a GET form: what is empty stays out of the address.

export default function (form) {
  form.addEventListener("formdata", (event) => {
    for (const name of new Set(event.formData.keys())) {
      const filled = event.formData.getAll(name).filter((value) => value !== "");
      event.formData.delete(name);
      filled.forEach((value) => event.formData.append(name, value));
    }
  });
}

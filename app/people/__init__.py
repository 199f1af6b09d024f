"""People of an office's or an agency's area: inviting, moving, leaving, and handing over what is open.

`area` says whom an administrator reaches; `services` ask it before every act. Domains above say in `places`
what work is bound to a person.
"""

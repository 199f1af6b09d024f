"""Who may see and do what: organisation tree, memberships, roles, scope, the choke point, guarded views.

Everything that shows or changes a row goes through here. Others import `Scope`, `scoped`, `access`,
`ScopedModelView`, `PortalView` and the organisation's models.
"""

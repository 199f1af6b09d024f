"""Tables of this package."""

from app.web.mark import PortalMark

__all__ = ["PortalMark"]

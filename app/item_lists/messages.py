"""Sentences of item lists."""

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "gap_missing": _l("Not filled in."),
    "gap_cap_missing": _l("A general item needs its upper ratio."),
    "gap_part_without_line": _l("An item has no responsible agency."),
    "gap_two_agencies": _l("A joint item needs items of two or more agencies."),
    "gap_lead_without_item": _l("The initiator checks no item of its own."),
    "gap_part_not_published": _l("An item is not in a published list of this year."),
    "item_cap_range": _l("The upper ratio is between 0.1 and 100 percent."),
    "item_key_has_no_cap": _l("A key item has no upper ratio."),
    "above_cap": _l(
        "%(number)s of %(library)s would be drawn; "
        "the upper ratio of %(cap)s percent allows %(most)s at most."
    ),
    "item_not_published": _l("“%(item)s” is not in a published list of %(year)s, so it cannot be used."),
    "list_not_draft": _l("The list is not a draft any more. Only a draft or a returned list can be changed."),
    "list_empty": _l("The list has no item yet."),
    "list_has_gaps": _l("The list cannot be submitted: %(count)s gaps. They are listed below."),
    "list_not_ready": _l(
        "The list is not ready to be published: it has to be submitted, the joint list approved."
    ),
    "list_not_submitted": _l("The list has not been submitted."),
    "list_kind_of_agency": _l(
        "Agencies keep department lists, the joint-meeting office keeps the joint list."
    ),
    "list_kind_of_item": _l("This kind of item does not belong in this list."),
    "list_exists": _l("There is a list of this kind for %(value)s already."),
    "item_in_use": _l("A joint item rests on “%(item)s”. It cannot be removed."),
    "items_line_unknown": _l(
        "“%(value)s” is no line of business. Name the agency, or add a column that names it."
    ),
    "items_other_line": _l("The item belongs to “%(value)s”, not to the agency whose list this is."),
    "items_list_published": _l(
        "The list of %(year)s is not a draft any more; nothing can be imported into it."
    ),
    "item_category_word": _l("“%(value)s” is neither a key item nor a general item."),
    "item_method_word": _l("“%(value)s” is not one of the methods on site, written, online, other."),
    "item_kind_word": _l("“%(value)s” is not a kind of target."),
    "items_year_word": _l("“%(value)s” is no year from %(first)s to %(last)s, such as 2026."),
    "party_unknown": _l("“%(value)s” names no agency of the joint meeting. Expected: %(expected)s."),
    "party_missing": _l("Nobody is named. Expected: %(expected)s."),
    "joint_part_unknown": _l(
        "“%(value)s” is no item, or more than one, of the published lists of %(year)s. Expected: its code or its name."
    ),
    "item_cap_word": _l("“%(value)s” is not a ratio in percent."),
}

FIELDS = {
    "project": _l("Project"),
    "name": _l("Item"),
    "target_scope": _l("Targets"),
    "category": _l("Category"),
    "methods": _l("Methods"),
    "method": _l("Method"),
    "subject": _l("Who checks"),
    "basis": _l("Legal basis"),
    "ratio_cap": _l("Upper ratio"),
    "domain": _l("Field of the joint item"),
    "lead_line": _l("Initiator"),
    "parts": _l("Items of the agencies"),
    "levels": _l("Levels"),
}

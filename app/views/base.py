"""What every admin view is built on. Import from here, never from flask_appbuilder.views.

Reference data, which a form may change::

    class ServiceView(ModelView):
        datamodel = ModelInterface(Service)
        noun, noun_plural = _l("Service"), _l("Services")
        list_columns = ["name", "category", "base_price_fen", "active"]
        show_columns = ["name", "category", "base_price_fen", "active", "updated_at"]
        search_columns = ["name", "category", "active"]
        add_columns = edit_columns = ["name", "category", "base_price_fen", "active"]
        label_columns = {"category": _l("Category"), "base_price_fen": _l("Base price")}
        lookups = {"category": Lookup(search=("name",), small=True)}

What has states or money is read-only; it changes through actions that call services::

    class OrderView(ReadOnlyModelView):
        datamodel = ModelInterface(Order, load=("customer", "visits.worker"))
        noun, noun_plural = _l("Order"), _l("Orders")
        list_columns = ["number", "state", "customer", "total_fen", "created_at"]
        show_columns = [...]
        search_columns = ["number", "state", "customer", "created_at"]
        choices = {"state": ORDER_STATE_LABELS}            # stored value -> lazy label
        badges = {"state": {"paid": "good", "cancelled": "off"}}
        lookups = {"customer": Lookup(search=("name",))}   # AJAX, 20 rows at a time
        base_order = ("created_at", "desc")                # the primary key is added last

        def scope(self, query):                            # rows this person may see
            return access.orders_for(g.user, query)

        @row_action("cancel", _l("Cancel"), confirm=_l("Cancel this order?"), danger=True,
                    when=lambda order: order.state in CANCELLABLE)
        def cancel(self, pk: int) -> None:
            cancellation.cancel_order(pk, actor=self.actor)

        @row_action("refund", _l("Refund"), form=RefundForm)   # asks first, on its own page
        def refund(self, pk: int, form: RefundForm) -> str:    # a returned text is shown
            return refunds.refund_order(pk, form.amount_fen.data, actor=self.actor).number

Declaring a view. All of it is checked when the view is created; a fault raises `ViewError`.
    noun, noun_plural   lazy strings; list, show, add and edit titles are made of them
    list_columns, show_columns (or show_fieldsets), search_columns (may be [])   always
    add_columns, edit_columns (or *_fieldsets)   where base_permissions allow add / edit
    label_columns       a label for each column used; common ones are in base_labels.COMMON
    lookups             {relation: Lookup(...)}, needed for each relation in a form or search
    choices, badges     {column: {value: label}}, {column: {value: badge kind}};
                        kinds: good, info, warn, bad, off. Makes badges, selects and filters
    formatters_columns  {column: function(value)}; else by type: `_fen` -> yuan, UTC instants
                        -> the city's time, dates, booleans, choices (see formatters.py)
    description_columns, validators_columns, order_columns, page_size (25, at most 100),
    base_order, add_form_extra_fields / edit_form_extra_fields   as in FAB
    search_filters      {name: [RowFilter subclass]}, filters that are no column of the model
    related_views       [ViewClass]; tabs on the show page, scoped and permission-checked
    empty_text, empty_next   the sentence of an empty list and the next step
    show_template / list_template   extend "appbuilder/general/model/show.html" (blocks
                        show_top, show_bottom) or ".../list.html" (blocks list_top, list_bottom)
`base_permissions` default to can_list, can_show, can_add, can_edit, can_delete; for
`ReadOnlyModelView` can_list and can_show. Each action adds `can_<action name>`.
Columns may be dotted through to-one relations ("customer.name"). To-one relations that a list
shows are loaded with the rows; `load=` of the interface adds what __str__ or formatters touch.

Overridable verbs. They run inside `transaction(actor=self.actor)`; a DomainError rolls back and
is shown (at a field when `details["field"]` names one), and what was typed stays.
    create(form) -> row         default: a new row from the form
    change(row, form) -> None   default: form.populate_obj(row); the row is locked
    remove(row) -> None         default: delete
    scope(query) -> query       row scope of list, show, edit, delete, actions, related, lookups
    show_context(row), list_context() -> dict   more values for the templates
    form_defaults() -> dict     initial values of the add form
FAB's hooks (pre_add, post_update, prefill_form ...) are refused: a rule belongs to a service.
A `version` column is checked: a form opened before somebody else's change is refused.
Deleting and actions answer to POST only. `self.actor` is the signed-in staff actor.

Pages of your own::

    class BoardView(BaseView):
        route_base = "/board"
        default_view = "board"

        @expose("/")
        @has_access
        def board(self) -> str:
            return self.render_template("dispatch/board.html", title=_("Board"),
                                        crumbs=[(_("Orders"), url_for("OrderView.list"))])

with a template that starts with `{% extends "page.html" %}` (blocks page_actions, body) and uses
the macros of templates/parts/ui.html.
"""

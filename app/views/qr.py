"""A QR code as an inline picture: drawn here, no other host hears what it says."""

from markupsafe import Markup

QUIET = 4  # modules of white around it, as the standard asks


def qr_svg(text: str, label: str) -> Markup:
    """The code as SVG, one path, black on white whatever the theme."""
    # Loaded late: it takes longer to load than to draw, and few processes ever draw.
    from reportlab.graphics.barcode.qr import QrCodeWidget

    widget = QrCodeWidget(text, barLevel="M")
    widget.qr.make()
    rows = widget.qr.modules
    side = len(rows) + 2 * QUIET
    dark = "".join(
        f"M{x + QUIET} {y + QUIET}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, filled in enumerate(row)
        if filled
    )
    return Markup(
        '<svg class="qr" role="img" aria-label="{}" viewBox="0 0 {} {}"'
        ' shape-rendering="crispEdges">'
        '<rect width="100%" height="100%" fill="#fff"/><path fill="#000" d="{}"/></svg>'
    ).format(label, side, side, dark)

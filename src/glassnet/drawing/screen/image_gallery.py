"""Images with captions on the screen."""

from typing import Any

from glassnet import png
from glassnet.drawing.layout import image_gallery
from glassnet.drawing.screen.css import percent
from glassnet.findings import ImageGallery


def view(finding: ImageGallery) -> dict[str, Any]:
    """Give each image with its caption and the bars of its most probable classes."""
    return {
        "images": [
            {
                "uri": png.data_uri(image_gallery.upscale(image)),
                "height": image.shape[0],
                "width": image.shape[1],
                "caption": caption,
                "classes": [
                    {
                        "name": probability.name,
                        "percent": percent(probability.probability),
                        "formatted": f"{probability.probability:.0%}".replace(
                            "%", "\N{NO-BREAK SPACE}%"
                        ),
                        "role": probability.role,
                    }
                    for probability in image_gallery.top_classes(finding, index)
                ],
            }
            for index, (image, caption) in enumerate(
                zip(finding.images, finding.captions, strict=True)
            )
        ],
    }

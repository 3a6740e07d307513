package dev.imageshare.model;

import java.util.Set;

class ImageShareGoldenTest extends GoldenCases {

    ImageShareGoldenTest() {
        super("imageshare", Set.of());
    }
}

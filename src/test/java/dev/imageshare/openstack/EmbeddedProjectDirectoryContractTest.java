package dev.imageshare.openstack;

import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.embedded.OpenStackLab;
import org.junit.jupiter.api.Nested;

/** The contract on the embedded Keystone, as each release answers. */
class EmbeddedProjectDirectoryContractTest {
    private static OpenStackLab lab(int release) {
        EmbeddedOpenStack lab = EmbeddedOpenStack.start();
        lab.keystone().release(release);
        return lab;
    }

    /** Zed: it doesn't page. */
    @Nested
    class Release22 extends ProjectDirectoryContract {
        @Override
        OpenStackLab lab() {
            return EmbeddedProjectDirectoryContractTest.lab(22);
        }
    }

    /** 2025.1: it pages. */
    @Nested
    class Release27 extends ProjectDirectoryContract {
        @Override
        OpenStackLab lab() {
            return EmbeddedProjectDirectoryContractTest.lab(27);
        }
    }
}

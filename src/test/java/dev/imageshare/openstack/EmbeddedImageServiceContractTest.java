package dev.imageshare.openstack;

import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.embedded.OpenStackLab;

/** The contract on the embedded services. */
class EmbeddedImageServiceContractTest extends ImageServiceContract {
    @Override
    OpenStackLab lab() {
        return EmbeddedOpenStack.start();
    }

    @Override
    OpenStackLab strictLab() {
        return EmbeddedOpenStack.start(
                EmbeddedOpenStack.Options.defaults().withSecureRbac().withDuplicates());
    }
}

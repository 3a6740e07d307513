package dev.imageshare.cli;

import dev.imageshare.notifier.TestMessage;
import dev.imageshare.openstack.CloudSettings;
import dev.imageshare.openstack.Proxies;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows that an ImageNotifier's messages arrive. */
@Command(
        name = "notify",
        header = "Sends a test message by an ImageNotifier's receiver, and shows what the receiver answers.",
        description = {
            "",
            "Reads the ImageNotifier and the Secret that it names with your own kubeconfig: you need the right to get both. The"
                    + " message is sent from this machine, once, and says that it is a test. A mail goes to the notifier's own"
                    + " sender address, unless --to names another.",
            ""
        },
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:the receiver took the message", "1:errors"},
        footerHeading = "%nExamples:%n",
        footer = {
            "  ${COMMAND-FULL-NAME} --test golden-images/mail",
            "  ${COMMAND-FULL-NAME} --test golden-images/mail --to me@example.org"
        },
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeOnInvalidInput = 1)
final class NotifyCommand implements Callable<Integer> {

    @Option(
            names = "--test",
            required = true,
            paramLabel = "[NAMESPACE/]NAME",
            description = "The ImageNotifier whose receiver is tried.")
    private String name = "";

    @Option(
            names = "--to",
            paramLabel = "ADDRESS",
            description = "Who gets the mail (default: the notifier's spec.from).")
    private @Nullable String to;

    @Mixin
    private ClusterOptions clusterOptions = new ClusterOptions();

    @SuppressWarnings("UnusedVariable")
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        var out = Objects.requireNonNull(spec).commandLine().getOut();
        try (var cluster = clusterOptions.open()) {
            var parts = name.split("/", -1);
            if (parts.length > 2 || parts[0].isEmpty() || parts[parts.length - 1].isEmpty()) {
                throw new CommandFailure(name + " is not a name: write NAME or NAMESPACE/NAME");
            }
            var namespace = parts.length == 2 ? parts[0] : cluster.namespace();
            var notifier = cluster.notifier(namespace, parts[parts.length - 1]);
            var settings = CloudSettings.defaults().withProxies(Proxies.of(System.getenv()));
            TestMessage.TestAnswer reply;
            try {
                reply = new TestMessage(notifier.object(), settings).send(notifier.secrets(), to);
            } catch (IllegalArgumentException e) {
                throw new CommandFailure(String.valueOf(e.getMessage()));
            }
            if (!reply.isTaken()) {
                throw new CommandFailure("the message was not taken. " + reply.text());
            }
            out.println("The message was taken" + (reply.text().isEmpty() ? "." : "; " + reply.text()));
            out.flush();
            return 0;
        }
    }
}

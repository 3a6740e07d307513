package dev.imageshare.tryout;

import dev.imageshare.cli.LiveDashboard;
import dev.imageshare.embedded.EmbeddedKubernetes;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.embedded.OpenStackLab;
import dev.imageshare.operator.ImageShareOperator;
import dev.imageshare.operator.OptionalKind;
import dev.imageshare.operator.Settings;
import dev.imageshare.tryout.Screen.Look;
import java.io.Console;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The operator in one command, without a cluster or a cloud: {@code mvn -q test-compile exec:java@try}. Shows on an
 * embedded Kubernetes and an embedded OpenStack what it does, and then goes on serving both for the reader's own kubectl.
 *
 * <p>Options: {@code --once} ends after the show, with exit code 0 only if all of it was seen to happen; {@code --port N}
 * for the Kubernetes API (default: any free one).
 */
public final class TryOut {

    private static final String USAGE =
            "usage: mvn -q test-compile exec:java@try [-Dexec.args=\"[--once] [--port N]\"]";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long PAUSE_MILLIS = 1500;
    private static final long LOOK_MILLIS = 200;

    private record Options(boolean once, int port) {

        static Options parse(String[] args) {
            var once = false;
            var port = 0;
            for (int i = 0; i < args.length; i++) {
                if (args[i].equals("--once")) {
                    once = true;
                } else if (args[i].equals("--port") && i + 1 < args.length && args[i + 1].matches("\\d{1,5}")) {
                    port = Integer.parseInt(args[++i]);
                } else {
                    throw new IllegalArgumentException(args[i]);
                }
            }
            return new Options(once, port);
        }
    }

    private TryOut() {}

    public static void main(String[] args) {
        // Before anything logs: the operator's log goes to a file, the terminal is for the show.
        System.setProperty("logback.configurationFile", "logback-tryout.xml");
        System.exit(run(args, System.out));
    }

    /** Gives the exit code: 0 if all was seen to happen, 1 if not, 2 for a wrong option. */
    static int run(String[] args, PrintStream out) {
        Options options;
        try {
            options = Options.parse(args);
        } catch (IllegalArgumentException e) {
            out.println("unknown: " + e.getMessage() + "\n" + USAGE);
            return 2;
        }
        var terminal = isTerminal();
        var screen = new Screen(
                out, terminal && System.getenv("NO_COLOR") == null, terminal && !options.once() ? PAUSE_MILLIS : 0);
        try (var openStack = EmbeddedOpenStack.start();
                var kubernetes = EmbeddedKubernetes.start(options.port());
                var client = kubernetes.client();
                var operatorClient = kubernetes.client();
                var operator = new ImageShareOperator(operatorClient, Settings.defaults())) {
            screen.say("image-share: one object declares who may use an OpenStack image. The operator does the rest.");
            screen.say("Everything runs in this process: a Kubernetes API (" + kubernetes.url()
                    + "), Keystone and Glance (" + openStack.authUrl() + "), and the operator.");
            kubernetes.installCrds(Path.of("crds/project-sets"));
            operator.start(Set.of(OptionalKind.ProjectSet));
            var projects = projects(openStack);
            var kubeconfig = Manifests.write("kubeconfig", kubernetes.kubeconfig());
            try (var dashboard = LiveDashboard.open(kubeconfig, "Try-out", 0)) {
                screen.say("Open this URL in a browser to see each step there as well:");
                screen.line(Look.COMMAND, dashboard.url());
                new Show(screen, new Cluster(kubernetes.url(), client), openStack, projects, PATIENCE).play();
                if (!options.once()) {
                    handOver(screen, kubeconfig, openStack, projects);
                    follow(screen, openStack, projects);
                }
            }
            return 0;
        } catch (Show.NotSeen | UncheckedIOException e) {
            screen.line(Look.BAD, e.getMessage());
            return 1;
        }
    }

    /** Says what the reader can do now. */
    private static void handOver(Screen screen, Path kubeconfig, EmbeddedOpenStack openStack, Projects projects) {
        openStack.createImage("producer", "debian-12", "shared", List.of("golden"));
        var clouds = Manifests.write("clouds.yaml", openStack.cloudsYaml());
        var sample = Manifests.share(
                "debian-12", "filter: {name: debian-12}", projects, List.of("consumer-a", "consumer-b"));
        screen.headline("6  Try it yourself, in a second terminal");
        screen.say("Kubernetes and OpenStack keep running; changes in Glance are shown here. Ctrl-C exits.");
        screen.line(Look.PLAIN, "");
        for (var command : List.of(
                "export KUBECONFIG=" + kubeconfig.toAbsolutePath(),
                "kubectl get ims -A",
                "kubectl get ims -A -w",
                "kubectl get ima -A",
                "kubectl get pset -A",
                "kubectl explain ims.spec",
                "kubectl apply -f " + sample,
                "kubectl describe ims -n golden-images debian-12",
                "kubectl get ims -n golden-images debian-12 -o jsonpath='{.status.members}'",
                "kubectl delete ims -n golden-images debian-12",
                "OS_CLIENT_CONFIG_FILE=" + clouds + " openstack --os-cloud producer image member list debian-12")) {
            screen.line(Look.COMMAND, command);
        }
        screen.line(Look.PLAIN, "");
        screen.line(Look.DIM, "The operator's log: " + kubeconfig.resolveSibling("operator.log"));
    }

    /** The embedded OpenStack knows some of the show's projects; Glance takes any ID for a member. */
    static Projects projects(OpenStackLab openStack) {
        return new Projects()
                .add("consumer-a", openStack.projectId("consumer-a"))
                .add("consumer-b", openStack.projectId("consumer-b"))
                .add("consumer-c", "c0c0c0c0aa024f0e9c2b51d8e7f63a01")
                .add("consumer-d", "d0d0d0d0bb134f0e9c2b51d8e7f63a02")
                .add("consumer-e", "e0e0e0e0cc244f0e9c2b51d8e7f63a03")
                .add("consumer-f", "f0f0f0f0dd354f0e9c2b51d8e7f63a04")
                .add("stranger", openStack.projectId("stranger"));
    }

    /** Shows each change of a member list until the process is ended. */
    private static void follow(Screen screen, OpenStackLab openStack, Projects projects) {
        var before = new HashMap<String, Map<String, String>>();
        while (!Thread.currentThread().isInterrupted()) {
            for (var id : openStack.listedImages("producer")) {
                var now = openStack.members("producer", id);
                var last = before.put(id, now);
                if (last != null && !now.equals(last)) {
                    screen.line(Look.PLAIN, "");
                    screen.line(Look.DIM, "members of image " + id);
                    MemberTable.print(screen, projects, last, now);
                }
            }
            try {
                Thread.sleep(LOOK_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** From JDK 22 on there is a console without a terminal too, and a method that tells. */
    private static boolean isTerminal() {
        var console = System.console();
        if (console == null) {
            return false;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            return true;
        }
    }
}

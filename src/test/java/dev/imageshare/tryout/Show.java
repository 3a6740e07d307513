package dev.imageshare.tryout;

import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.embedded.OpenStackLab;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.Reason;
import dev.imageshare.tryout.Screen.Look;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** What happens to one image, in five steps. Each step is over only when its effect was seen. */
final class Show {

    static final String NAME = "ubuntu-24-04";

    private static final Set<String> DECLARED = new TreeSet<>(List.of("consumer-a", "consumer-b", "consumer-c"));
    private static final List<String> REPLACED = List.of("consumer-d", "consumer-e", "consumer-f");
    private static final String SET = "partners";
    private static final String TAG = "golden";
    private static final Pattern APPROVAL = Pattern.compile("kubectl annotate .*?(imageshare\\.dev/\\S+)=(\\S+)");

    /** A step whose effect was not seen; the message says what was there instead. */
    static final class NotSeen extends RuntimeException {
        NotSeen(String message) {
            super(message);
        }
    }

    private final Screen screen;
    private final Cluster cluster;
    private final OpenStackLab openStack;
    private final Projects projects;
    private final String imageId;
    private final Path credentials;
    private final Duration patience;
    private Path manifest;
    private Map<String, String> members = Map.of();

    /** @param patience how long the effect of a step may take */
    Show(Screen screen, Cluster cluster, OpenStackLab openStack, Projects projects, Duration patience) {
        this.screen = screen;
        this.cluster = cluster;
        this.openStack = openStack;
        this.projects = projects;
        this.patience = patience;
        this.credentials = Manifests.credentials("producer", Cluster.NAMESPACE, openStack.cloudsYaml("producer"));
        this.imageId = openStack.createImage("producer", "ubuntu-24.04", "shared", List.of("golden"));
    }

    /** Plays it; throws {@link NotSeen} at the first step that fails. */
    void play() {
        declare();
        accept();
        heal();
        replace();
        follow();
    }

    private void declare() {
        screen.headline("1  Declare who may use an image");
        manifest = Manifests.share(NAME, "id: " + imageId, projects, DECLARED);
        screen.lines(read(manifest));
        screen.command("kubectl apply -f " + credentials + " -f " + manifest);
        cluster.apply(credentials);
        cluster.apply(manifest);
        until("Ready with 3 members", () -> isReady() && memberNames().equals(DECLARED));
        showTable();
        showMembers("The operator added them as members of the image. Glance lists:");
        screen.say("Each of them decides for itself. Until then its answer is \"pending\".");
    }

    private void accept() {
        screen.headline("2  A consumer accepts the image");
        var own = Manifests.credentials("consumer", Cluster.CONSUMER, openStack.cloudsYaml(Cluster.CONSUMER));
        var acceptance = Manifests.acceptance(NAME, imageId);
        screen.say(
                "Only the consumer can set its answer. It declares it in its own namespace, with its own credentials:");
        screen.lines(read(acceptance));
        screen.command("kubectl apply -f " + own + " -f " + acceptance);
        cluster.apply(own);
        cluster.apply(acceptance);
        until("the consumer's ImageAcceptance Ready", this::isAccepted);
        screen.command("kubectl get ima -n " + Cluster.CONSUMER);
        screen.lines(cluster.acceptances());
        showMembers("The operator set that answer with the consumer's credentials. Glance lists:");
        until("1 accepted in the status", () -> isReady() && accepted() == 1);
        screen.line(Look.PLAIN, "");
        screen.say("At its next resync (resyncPeriod), the producer's object reports it:");
        showTable();
    }

    private void heal() {
        screen.headline("3  Somebody changes the list by hand");
        var removed = projects.id("consumer-b");
        var added = projects.id("stranger");
        screen.command("openstack --os-cloud producer image remove project " + imageId + " " + removed);
        screen.command("openstack --os-cloud producer image add project " + imageId + " " + added);
        openStack.removeMember("producer", imageId, removed);
        openStack.addMember("producer", imageId, added);
        showMembers("Glance accepts the changes:");
        until(
                "the declared members and no other",
                () -> isReady() && memberNames().equals(DECLARED));
        showMembers("A moment later the operator has restored the list:");
        showTable();
    }

    private void replace() {
        screen.headline("4  A commit replaces the whole list: by mistake or on purpose?");
        var after = REPLACED;
        manifest = Manifests.share(NAME, "id: " + imageId, projects, after);
        DECLARED.forEach(name ->
                screen.line(Look.BAD, "-" + Manifests.member(projects, name).stripTrailing()));
        after.forEach(name ->
                screen.line(Look.GOOD, "+" + Manifests.member(projects, name).stripTrailing()));
        screen.command("kubectl apply -f " + manifest);
        cluster.apply(manifest);
        until(
                "3 additions made and 3 removals held",
                () -> ready("False", "RemovalHeld")
                        && openStack.members("producer", imageId).size() == 6);
        showTable();
        showMembers("The additions are made. The removals are held, since a removed member loses its answer.");
        screen.line(Look.PLAIN, "");
        screen.line(Look.DIM, "The object's status says why, and what to do:");
        var message = condition("Ready").map(Condition::message).orElse("");
        screen.say(message);
        var approval = APPROVAL.matcher(message);
        if (!approval.find()) {
            throw new NotSeen("expected a command that approves the removals in the message, saw: " + message);
        }
        screen.command(approval.group());
        cluster.annotate(NAME, approval.group(1), approval.group(2));
        until(
                "the approved removals carried out",
                () -> isReady() && memberNames().equals(Set.copyOf(after)));
        showMembers("Approved and done. The approval is valid only for these removals.");
        showTable();
    }

    private void follow() {
        screen.headline("5  Projects come and go: follow them in Keystone");
        var keystone = openStack.keystone();
        var domain = keystone.createDomain(SET);
        var first = keystone.createProject(domain, null, "team-a", List.of(TAG));
        var second = keystone.createProject(domain, null, "team-b", List.of());
        projects.add("team-a", first).add("team-b", second);
        var reader = Manifests.reader(keystone.domainReader(domain));
        var set = Manifests.set(SET, domain);
        screen.say("A ProjectSet is a list of projects. This one reads the projects of a domain that have a tag:");
        screen.lines(read(set));
        screen.line(Look.PLAIN, "");
        screen.say("The ImageShare names it:");
        manifest = Manifests.shareWithSet(NAME, "id: " + imageId, projects, REPLACED, SET);
        Manifests.reference(SET).lines().forEach(line -> screen.line(Look.GOOD, "+" + line));
        screen.command("kubectl apply -f " + reader + " -f " + set + " -f " + manifest);
        cluster.apply(reader);
        cluster.apply(set);
        cluster.apply(manifest);
        until("team-a a member", () -> isReady() && memberNames().contains("team-a"));
        screen.command("kubectl get pset -n " + Cluster.NAMESPACE);
        screen.lines(cluster.sets());
        showMembers("team-a has the tag. Glance lists:");
        screen.command("openstack project set --tag " + TAG + " team-b");
        screen.command("openstack project set --remove-tag " + TAG + " team-a");
        keystone.setTags(second, List.of(TAG));
        keystone.setTags(first, List.of());
        until("team-b a member", () -> memberNames().contains("team-b"));
        showMembers("team-b joins with the next reading of Keystone. team-a stays for now: a removed member loses its"
                + " answer.");
        until("team-a no longer a member", () -> isReady() && !memberNames().contains("team-a"));
        showMembers("A second reading, at least absentFor later, doesn't list it either. So it leaves:");
    }

    private void showTable() {
        screen.command("kubectl get ims -n " + Cluster.NAMESPACE);
        screen.lines(cluster.table());
    }

    /** The list as Glance has it now, and what changed since it was last shown. */
    private void showMembers(String introduction) {
        var now = openStack.members("producer", imageId);
        screen.line(Look.PLAIN, "");
        screen.say(introduction);
        MemberTable.print(screen, projects, members, now);
        members = now;
        screen.pause();
    }

    private void until(String what, BooleanSupplier seen) {
        try {
            Awaitility.await().pollInSameThread().atMost(patience).until(seen::getAsBoolean);
        } catch (ConditionTimeoutException e) {
            throw new NotSeen("expected " + what + " within " + patience.toSeconds() + " s, saw "
                    + String.join(" | ", cluster.table()) + "; "
                    + condition("Ready").map(Condition::message).orElse("no status") + "; members in Glance: "
                    + openStack.members("producer", imageId));
        }
    }

    private boolean isReady() {
        return ready("True", "Synced");
    }

    private boolean ready(String status, String reason) {
        var share = cluster.get(NAME);
        return condition("Ready")
                .filter(c -> c.status().name().equals(status) && c.reason().equals(reason))
                .filter(c -> c.observedGeneration() == share.getMetadata().getGeneration())
                .isPresent();
    }

    private Optional<Condition> condition(String type) {
        return Optional.ofNullable(cluster.get(NAME))
                .map(ImageShare::getStatus)
                .map(status -> status.conditions())
                .flatMap(all -> all.stream().filter(c -> c.type().equals(type)).findFirst());
    }

    private boolean isAccepted() {
        var status = cluster.acceptance(NAME).getStatus();
        return status != null
                && status.summary() != null
                && status.summary().accepted() == 1
                && Conditions.has(status.conditions(), Conditions.READY, Reason.Synced);
    }

    private int accepted() {
        return cluster.get(NAME).getStatus().summary().accepted();
    }

    private Set<String> memberNames() {
        return openStack.members("producer", imageId).keySet().stream()
                .map(projects::name)
                .collect(Collectors.toSet());
    }

    private static List<String> read(Path manifest) {
        try {
            return Files.readAllLines(manifest);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package dev.imageshare.model;

import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec.MembershipPolicy;
import dev.imageshare.api.v1alpha1.ImageShareSpec.OnDelete;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.api.v1alpha1.ManagementPolicy;
import dev.imageshare.embedded.EmbeddedOpenStack.Call;
import dev.imageshare.embedded.Fault;
import dev.imageshare.faults.ApiCall;
import dev.imageshare.faults.CloudCall;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.Reason;
import dev.imageshare.reconcile.Seniority;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What must hold, whatever happens. It sees each request before it is carried out and each answer before it is sent, each
 * change of an object, and what the operator's watch has told of them; it asks the operator nothing.
 *
 * <p>Which wish counts: of the object whose pass it is, the newest one that the API server has accepted, unless the
 * operator could not know of it: it was accepted after the pass last read or wrote the object at the API server, and the
 * watch has not told of it yet. Of other objects, the newest one that the watch has told of. A request that is under way
 * while a wish is accepted is judged by the wishes before.
 */
final class Judge {

    private static final Duration PROVEN = Duration.ofHours(1);

    private static final com.fasterxml.jackson.databind.ObjectMapper JSON =
            new com.fasterxml.jackson.databind.ObjectMapper();

    /** What is known of the pass that runs. */
    private static final class Pass {
        final HasMetadata object;
        final boolean isShare;
        final long generation;
        final boolean deleted;
        final Set<String> addedBefore;
        final boolean adoptedBefore;
        final int deletingBefore;
        final Map<String, Set<String>> firstList = new HashMap<>();
        final Map<String, Set<String>> lastList = new HashMap<>();
        /** What others declared when a list came; a deletion keeps that, also if they change their mind while it ends. */
        final Set<String> othersThen = new HashSet<>();

        final Set<String> shown = new HashSet<>();
        final Set<String> posted = new TreeSet<>();
        final Map<String, Integer> posts = new HashMap<>();
        final Set<String> deletes = new TreeSet<>();
        final Map<String, String> seenAnswers = new HashMap<>();
        /** Images of which Glance said that they are gone; where that is a lie, nobody can tell. */
        final Set<String> saidGone = new HashSet<>();

        Long proven;
        int requests;
        int good;
        boolean statusSpoiled;

        Pass(HasMetadata object, ImageShareStatus status, int deletingBefore) {
            this.object = object;
            this.isShare = object instanceof ImageShare;
            this.generation = object.getMetadata().getGeneration();
            this.deleted = object.isMarkedForDeletion();
            this.addedBefore = added(status);
            this.adoptedBefore = status != null && Boolean.TRUE.equals(status.adopted());
            this.deletingBefore = deletingBefore;
        }

        ImageShare share() {
            return (ImageShare) object;
        }
    }

    /** A hash that a status showed, and what it stands for. */
    private record Published(String uid, long generation, String hash) {}

    final List<String> trace = new ArrayList<>();
    final List<String> violations = new ArrayList<>();
    int requests;

    private final String producer;
    private final Map<String, String> visibility;
    private final DrivenOperatorView view;
    private final Clock clock;
    private final Map<String, ImageShare> shares = new HashMap<>();
    private final Map<String, ImageAcceptance> acceptances = new HashMap<>();
    private final Map<Published, Set<String>> published = new HashMap<>();
    private final Set<String> uncertain = new HashSet<>();
    /** Members that the deletion of an object, by its UID, was seen to have removed: who comes back is somebody else's. */
    private final Map<String, Set<String>> revoked = new HashMap<>();
    /** Images that passes of this process saw to be owned. */
    private final Map<String, String> proved = new HashMap<>();
    /** And when: after an hour, which is longer than three of their periods, it counts no more. */
    private final Map<String, Instant> provedAt = new HashMap<>();
    /** Objects of which a pass of this process saw that they don't own their image: between namespaces no status counts then. */
    private final Set<String> disowned = new HashSet<>();

    private Pass pass;

    /** What the judge needs to know of the world. */
    interface DrivenOperatorView {
        Collection<ImageShare> toldShares();

        Collection<ImageAcceptance> toldAcceptances();

        boolean leading();

        /** The members of an image as they are; null if it is gone. */
        Map<String, String> members(String imageId);
    }

    /** @param clock the operator's */
    Judge(String producer, Map<String, String> visibility, DrivenOperatorView view, Clock clock) {
        this.clock = clock;
        this.producer = producer;
        this.visibility = visibility;
        this.view = view;
    }

    void note(String line) {
        trace.add(line);
    }

    private void violated(String what) {
        violations.add(what);
        trace.add("!!! " + what);
    }

    private void require(boolean holds, String what) {
        if (!holds) {
            violated(what);
        }
    }

    // --------------------------------------------------------------- objects

    void restarted() {
        uncertain.clear();
        proved.clear();
        disowned.clear();
    }

    void passBegins(HasMetadata told) {
        var uid = told.getMetadata().getUid();
        var status = told instanceof ImageShare && shares.get(uid) != null
                ? shares.get(uid).getStatus()
                : null;
        pass = new Pass(told, status, deletions(told.getMetadata().getNamespace()));
        note("pass over " + name(told) + " generation " + pass.generation + (pass.deleted ? ", being deleted" : ""));
    }

    void passEnds(String how) {
        if (pass == null) {
            return;
        }
        var present = pass.firstList.values().stream().mapToInt(Set::size).sum();
        var declared = pass.isShare ? declared(pass.share()).size() : 0;
        var bound = pass.good == 0 ? 8 : 40 + 4 * declared + 9 * (present + declared);
        require(pass.requests <= bound, "a pass of " + pass.requests + " requests, " + pass.good + " of them good");
        if (pass.statusSpoiled) {
            uncertain.add(pass.object.getMetadata().getUid());
        } else {
            uncertain.remove(pass.object.getMetadata().getUid());
        }
        if (pass.deleted) {
            var gone = new HashSet<>(pass.deletes);
            pass.lastList.values().forEach(gone::removeAll);
            revoked.computeIfAbsent(pass.object.getMetadata().getUid(), uid -> new HashSet<>())
                    .addAll(gone);
        }
        note("  ends: " + how);
        pass = null;
    }

    void changed(HasMetadata before, HasMetadata after) {
        if (after == null) {
            shares.remove(before.getMetadata().getUid());
            acceptances.remove(before.getMetadata().getUid());
            note("  gone: " + name(before));
            if (before instanceof ImageShare share) {
                ended(share);
            }
        } else if (after instanceof ImageShare share) {
            shares.put(share.getMetadata().getUid(), share);
            var old = before == null ? null : ((ImageShare) before).getStatus();
            if (share.getStatus() != null && !share.getStatus().equals(old)) {
                statusWritten(share, old);
            }
        } else if (after instanceof ImageAcceptance acceptance) {
            acceptances.put(acceptance.getMetadata().getUid(), acceptance);
            if (acceptance.getStatus() != null
                    && (before == null || !acceptance.getStatus().equals(((ImageAcceptance) before).getStatus()))) {
                var status = acceptance.getStatus();
                note("  status of " + name(acceptance) + ": " + ready(status.conditions()) + " " + status.images());
                conditions(acceptance, status.conditions(), status.observedGeneration());
            }
        }
    }

    private void statusWritten(ImageShare share, ImageShareStatus old) {
        var status = share.getStatus();
        note("  status of " + name(share) + " " + share.getMetadata().getGeneration() + ": "
                + ready(status.conditions()) + " adopted " + status.adopted() + " added " + added(status) + " plan "
                + status.plan());
        if (Conditions.has(status.conditions(), Conditions.READY, Reason.NotImageOwner)) {
            proved.remove(share.getMetadata().getUid());
            disowned.add(share.getMetadata().getUid());
        }
        require(
                pass != null
                        && pass.object
                                .getMetadata()
                                .getUid()
                                .equals(share.getMetadata().getUid()),
                "a status was written by another's pass");
        conditions(share, status.conditions(), status.observedGeneration());
        if (status.plan() != null && status.plan().hash() != null) {
            published.put(
                    new Published(
                            share.getMetadata().getUid(),
                            share.getMetadata().getGeneration(),
                            status.plan().hash()),
                    status.plan().remove() == null
                            ? Set.of()
                            : Set.copyOf(status.plan().remove()));
        }
        var summary = status.summary();
        if (summary != null) {
            require(
                    summary.accepted() + summary.pending() + summary.rejected() == summary.present(),
                    "the summary's counts don't add up: " + summary);
        }
        if (pass == null || status.image() == null) {
            return;
        }
        var image = status.image().id();
        var list = pass.firstList.get(image);
        require(
                list != null || !isTrue(status.conditions(), Conditions.READY),
                "Ready without a good list of its own in this pass");
        if (list != null) {
            var isOld = old != null && old.image() != null && old.image().id().equals(image);
            var newlyAdded = new TreeSet<>(added(status));
            if (isOld) {
                newlyAdded.removeAll(added(old));
            }
            newlyAdded.retainAll(list);
            require(newlyAdded.isEmpty(), "called added although they were there before: " + newlyAdded);
            var seen = new TreeSet<>(pass.lastList.get(image));
            seen.addAll(pass.posted);
            var undeclared = new TreeSet<>(seen);
            undeclared.removeAll(declared(share));
            var missing = new TreeSet<>(declared(share));
            missing.removeAll(seen);
            missing.remove(producer);
            var wasAdopted = isOld && Boolean.TRUE.equals(old.adopted());
            if (Boolean.TRUE.equals(status.adopted()) && !wasAdopted) {
                require(
                        undeclared.isEmpty() && missing.isEmpty(),
                        "adopted, but undeclared " + undeclared + " and missing " + missing);
            }
            if (isTrue(status.conditions(), Conditions.READY)
                    && isManaged(share)
                    && !share.getSpec().suspend()) {
                require(missing.isEmpty(), "Ready, but missing are " + missing);
                if (isAuthoritative(share)) {
                    require(undeclared.isEmpty(), "Ready, but undeclared are " + undeclared);
                }
            }
        }
    }

    private void conditions(HasMetadata object, List<Condition> conditions, Long observed) {
        var generation = object.getMetadata().getGeneration();
        require(generation.equals(observed), "observedGeneration is " + observed + " of " + generation);
        var ready = Conditions.find(conditions, Conditions.READY);
        require(ready.isPresent(), "a status without Ready");
        var others = conditions.stream()
                .filter(c -> c.type().equals(Conditions.RECONCILING) || c.type().equals(Conditions.STALLED))
                .toList();
        require(
                others.stream().allMatch(c -> c.status() == Condition.Status.True),
                "kstatus: only while True " + others);
        ready.ifPresent(r -> {
            require(r.observedGeneration() == generation, "Ready of generation " + r.observedGeneration());
            require(
                    others.size() == (r.status() == Condition.Status.True ? 0 : 1),
                    "kstatus: Ready " + r.status() + " with " + others);
        });
    }

    /** An object that was to revoke its members is gone: what it declared or added is revoked, or somebody else's. */
    private void ended(ImageShare share) {
        if (pass == null || share.getMetadata().getGeneration() != pass.generation) {
            return; // by hand, or by a wish that came while the last pass was letting it go
        }
        var status = share.getStatus();
        if (!isManaged(share) || onDelete(share) == OnDelete.detach || status == null || status.image() == null) {
            return;
        }
        var image = status.image().id();
        var members = view.members(image);
        if (members == null
                || pass.saidGone.contains(image)
                || (!Boolean.TRUE.equals(status.adopted()) && added(status).isEmpty())
                || !pass.deletes.isEmpty() && !"shared".equals(visibility.get(image))
                || conflict(share, image, false)) {
            return;
        }
        var mine = new TreeSet<>(added(status));
        if (isAuthoritative(share)) {
            mine.addAll(declared(share));
        }
        mine.retainAll(pass.lastList.containsKey(image) ? pass.lastList.get(image) : members.keySet());
        mine.removeAll(declaredByOthers(share, image, true, false));
        mine.removeAll(pass.othersThen);
        mine.removeAll(revoked.getOrDefault(share.getMetadata().getUid(), Set.of()));
        mine.remove(producer);
        require(mine.isEmpty(), "gone, and access is left behind for " + mine);
    }

    // -------------------------------------------------------------- requests

    /** A request to the cloud was sent; what happens next, happens after it. */
    void asked(String method, String path) {
        requests++;
        if (pass == null) {
            violated(method + " " + path + " outside of a pass");
            return;
        }
        pass.requests++;
        var call = CloudCall.of(method, path).orElse(null);
        if (call == null) {
            violated("a call that the operator has no business with: " + method + " " + path);
            return;
        }
        var parts = path.split("/");
        if (call == CloudCall.MEMBER_DELETE) {
            deleting(parts[3], parts[5]);
        } else if (call == CloudCall.MEMBER_CREATE) {
            require(view.leading(), "an addition without the lead");
            require(pass.isShare && !pass.deleted, "an addition by no live ImageShare");
            require(
                    !pass.isShare || !conflict(pass.share(), parts[3]),
                    "an addition by " + name(pass.object) + ": in conflict");
        } else if (call == CloudCall.MEMBER_UPDATE) {
            answering(parts[3], parts[5]);
        }
    }

    private void deleting(String image, String member) {
        var what = "DELETE of " + member + " by " + name(pass.object) + ": ";
        if (!pass.isShare) {
            violated(what + "an ImageAcceptance removes nobody");
            return;
        }
        var share = pass.share();
        var uid = share.getMetadata().getUid();
        require(view.leading(), what + "without the lead");
        require(isManaged(share), what + "unmanaged");
        require(!share.getSpec().suspend(), what + "suspended");
        require(pass.firstList.containsKey(image), what + "no good list in this pass");
        require(pass.shown.contains(image), what + "the image was not read in this pass");
        var told = view.toldShares().stream()
                .filter(s -> s.getMetadata().getUid().equals(uid))
                .findFirst();
        require(
                told.isPresent()
                        && told.get().getMetadata().getGeneration() == pass.generation
                        && told.get().isMarkedForDeletion() == pass.deleted,
                what + "the pass goes on with an older wish than the watch told of");
        var newest = shares.get(uid);
        if (newest != null && newest.getMetadata().getGeneration() != pass.generation && keeps(newest, member)) {
            require(
                    pass.proven != null && pass.proven == pass.generation,
                    what + "a newer generation keeps it, which the API server would have told");
        }
        require(!conflict(share, image), what + "in conflict");
        var others = declaredByOthers(share, image, pass.deleted, true);
        if (pass.deleted) {
            require(onDelete(share) == OnDelete.delete, what + "detached");
            require(
                    pass.addedBefore.contains(member)
                            || (isAuthoritative(share) && declared(share).contains(member)),
                    what + "neither declared nor added by it");
            require(!others.contains(member), what + "another object declares it");
            var approval = approval(share);
            var isApproved = approval != null && approval.startsWith("delete-");
            require(isApproved || pass.deletingBefore <= Play.MASS, what + "one of a mass deletion");
        } else {
            require(!declared(share).contains(member), what + "it is declared");
            if (!isAuthoritative(share)) {
                require(pass.addedBefore.contains(member), what + "Additive, and not added by it");
                require(!others.contains(member), what + "another object declares it");
            }
            guarded(share, image, member, what);
        }
        pass.deletes.add(member);
    }

    private void guarded(ImageShare share, String image, String member, String what) {
        var seen = pass.firstList.getOrDefault(image, Set.of());
        var approved = approved(share);
        var unapproved = new TreeSet<>(pass.deletes);
        unapproved.add(member);
        unapproved.removeAll(approved);
        if (unapproved.isEmpty()) {
            return;
        }
        var removable = new TreeSet<>(seen);
        if (!isAuthoritative(share)) {
            removable.retainAll(pass.addedBefore);
        }
        var limit = Play.limit(share, removable.size());
        require(unapproved.size() <= limit, what + unapproved.size() + " removals, and " + limit + " are allowed");
        var foreign = new TreeSet<>(unapproved);
        foreign.removeAll(pass.addedBefore);
        require(pass.adoptedBefore || foreign.isEmpty(), what + "not adopted, and foreign are " + foreign);
        var left = new TreeSet<>(seen);
        left.addAll(pass.posted);
        left.removeAll(pass.deletes);
        left.remove(member);
        require(!left.isEmpty(), what + "it leaves nobody");
    }

    private void answering(String image, String member) {
        var what = "answer of " + member + " by " + name(pass.object) + ": ";
        if (pass.isShare) {
            violated(what + "an ImageShare answers nothing");
            return;
        }
        var acceptance = (ImageAcceptance) pass.object;
        require(view.leading(), what + "without the lead");
        require(!acceptance.getSpec().suspend(), what + "suspended");
        var told = view.toldAcceptances().stream()
                .filter(a ->
                        a.getMetadata().getUid().equals(acceptance.getMetadata().getUid()))
                .findFirst();
        require(
                told.isPresent() && told.get().getMetadata().getGeneration() == pass.generation,
                what + "the pass goes on with an older wish");
        if (acceptance.getSpec().image() != null) {
            require(image.equals(acceptance.getSpec().image().id()), what + "another image");
            require(!conflict(acceptance), what + "in conflict");
        } else {
            require("pending".equals(pass.seenAnswers.get(image)), what + "it wasn't seen to be pending before");
        }
    }

    /** A request was answered. */
    void answered(Call call, String question, String answer, Fault fault) {
        var kind = CloudCall.of(call.method(), call.path()).orElse(null);
        note("    " + call.method() + " " + call.path() + " " + call.status()
                + (fault == null ? "" : " " + fault.getClass().getSimpleName()));
        if (pass == null || kind == null) {
            return;
        }
        if (kind.isWrite() && call.projectId() != null) {
            var isProducer = call.projectId().equals(producer);
            require(
                    isProducer != (kind == CloudCall.MEMBER_UPDATE),
                    call.method() + " " + call.path() + " with the token of " + call.projectId());
        }
        var parts = call.path().split("/");
        if (kind == CloudCall.MEMBER_UPDATE && call.projectId() != null) {
            require(call.projectId().equals(parts[5]), "an answer for another project");
        }
        if (kind == CloudCall.MEMBER_CREATE) {
            adding(parts[3], field(question, "member"), call.status(), fault);
        }
        if (kind == CloudCall.IMAGE_SHOW && call.status() == 404) {
            pass.saidGone.add(parts[3]);
        }
        var whole = call.status() / 100 == 2
                && (fault == null
                        || fault instanceof Fault.Stale
                        || fault instanceof Fault.Canned
                        || fault instanceof Fault.TokenEnds);
        if (!whole) {
            return;
        }
        pass.good++;
        switch (kind) {
            case MEMBER_LIST -> listed(parts[3], call, answer);
            case IMAGE_SHOW -> shown(parts[3], answer);
            case IMAGE_LIST -> imagesListed(answer);
            case MEMBER_SHOW -> pass.seenAnswers.put(parts[3], field(answer, "status"));
            default -> {}
        }
    }

    private void adding(String image, String member, int status, Fault fault) {
        var what = "POST of " + member + " by " + name(pass.object) + ": ";
        if (!pass.isShare) {
            violated(what + "an ImageAcceptance adds nobody");
            return;
        }
        var share = pass.share();
        require(isManaged(share), what + "unmanaged");
        require(!share.getSpec().suspend(), what + "suspended");
        require(declared(share).contains(member), what + "not declared");
        require(!member.equals(producer), what + "the owner itself");
        require(pass.shown.contains(image), what + "the image was not read in this pass");
        var list = pass.firstList.get(image);
        require(list != null, what + "no good list in this pass");
        require(list == null || !list.contains(member), what + "the list shows it");
        var newest = shares.get(share.getMetadata().getUid());
        require(
                newest == null || added(newest.getStatus()).contains(member) || !current(newest),
                what + "the status doesn't say that it is about to be added");
        var times = pass.posts.merge(member, 1, Integer::sum);
        // A 401 is known not to have been carried out, and a quota is tried again once there is room.
        if (status != 401 && status != 413) {
            require(times == 1 || pass.posted.isEmpty() || !pass.posted.contains(member), what + "sent twice");
        }
        if (status == 200 && fault == null) {
            pass.posted.add(member);
        }
    }

    private void listed(String image, Call call, String answer) {
        var node = tree(answer);
        if (node == null || !node.path("members").isArray() || !pass.isShare) {
            return;
        }
        if (call.projectId() != null && !call.projectId().equals(producer)) {
            return; // not the owner's, so not the whole list
        }
        var members = new TreeSet<String>();
        node.path("members").forEach(m -> members.add(m.path("member_id").asText()));
        pass.firstList.putIfAbsent(image, members);
        pass.lastList.put(image, members);
        if (pass.isShare) {
            pass.othersThen.addAll(declaredByOthers(pass.share(), image, true, false));
        }
        proved.put(pass.object.getMetadata().getUid(), image);
        provedAt.put(pass.object.getMetadata().getUid(), clock.instant());
        disowned.remove(pass.object.getMetadata().getUid());
    }

    private void shown(String image, String answer) {
        var node = tree(answer);
        if (node != null && node.path("id").asText().equals(image)) {
            pass.shown.add(image);
        }
    }

    private void imagesListed(String answer) {
        var node = tree(answer);
        if (node != null) {
            node.path("images").forEach(i -> pass.shown.add(i.path("id").asText()));
        }
    }

    /** A request to the API server was answered well. */
    void apiAnswered(ApiCall call) {
        if (pass != null && (call == ApiCall.STATUS_PATCH || call == ApiCall.OBJECT_READ)) {
            var now = shares.get(pass.object.getMetadata().getUid());
            pass.proven = now == null ? -1 : now.getMetadata().getGeneration();
        }
    }

    void apiSpoiled(ApiCall call) {
        if (pass != null && call == ApiCall.STATUS_PATCH) {
            pass.statusSpoiled = true;
        }
    }

    // ---------------------------------------------------------------- wishes

    static Set<String> declared(ImageShare share) {
        return share.getSpec().members().stream()
                .map(m -> m.projectID())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    static Set<String> added(ImageShareStatus status) {
        return status == null || status.members() == null
                ? Set.of()
                : status.members().stream()
                        .filter(MemberInfo::added)
                        .map(MemberInfo::projectID)
                        .collect(Collectors.toCollection(TreeSet::new));
    }

    static boolean isManaged(ImageShare share) {
        return share.getSpec().managementPolicy() == ManagementPolicy.managed;
    }

    static boolean isAuthoritative(ImageShare share) {
        return share.getSpec().membershipPolicy() == MembershipPolicy.Authoritative;
    }

    static OnDelete onDelete(ImageShare share) {
        return share.getSpec().managedOptions().onDelete();
    }

    private static String approval(ImageShare share) {
        var annotations = share.getMetadata().getAnnotations();
        return annotations == null ? null : annotations.get(ImageShare.APPROVE_REMOVALS);
    }

    private boolean current(ImageShare newest) {
        return newest.getMetadata().getGeneration() == pass.generation;
    }

    private static boolean keeps(ImageShare newest, String member) {
        return !isManaged(newest)
                || (newest.isMarkedForDeletion()
                        ? onDelete(newest) == OnDelete.detach
                        : declared(newest).contains(member));
    }

    /** What people approved of this generation. */
    private Set<String> approved(ImageShare share) {
        var all = new HashSet<String>();
        var uid = share.getMetadata().getUid();
        for (var hash : approvals.getOrDefault(uid, Set.of())) {
            all.addAll(published.getOrDefault(new Published(uid, pass.generation, hash), Set.of()));
        }
        return all;
    }

    private final Map<String, Set<String>> approvals = new HashMap<>();

    void approves(ImageShare share, String hash) {
        approvals
                .computeIfAbsent(share.getMetadata().getUid(), uid -> new HashSet<>())
                .add(hash);
    }

    /**
     * Whether an object claims this image: live, managed, and its last pass proved that its project owns the image.
     *
     * @param self to which the claim counts
     * @param surely whether it must be sure, where the operator may know more or less than its statuses, since one couldn't be written
     */
    private boolean claims(ImageShare told, ImageShare self, String image, boolean surely) {
        var uid = told.getMetadata().getUid();
        var newest = shares.get(uid);
        var status = newest == null ? told.getStatus() : newest.getStatus();
        if (told.isMarkedForDeletion() || !isManaged(told)) {
            return false;
        }
        if (uncertain.contains(uid)) {
            return !surely;
        }
        if (proved.containsKey(uid)) {
            return proved.get(uid).equals(image)
                    && (!surely || provedAt.get(uid).plus(PROVEN).isAfter(clock.instant()));
        }
        if (disowned.contains(uid)
                && !told.getMetadata().getNamespace().equals(self.getMetadata().getNamespace())) {
            return false;
        }
        return status != null
                && status.image() != null
                && status.image().id().equals(image)
                && !Conditions.has(status.conditions(), Conditions.READY, Reason.NotImageOwner);
    }

    /** Whether an older object, as the watch has told, is in charge of the image. */
    boolean conflict(ImageShare self, String image) {
        return conflict(self, image, true);
    }

    /** @param surely whether it must be so, with and without those of which it isn't known what they claim */
    private boolean conflict(ImageShare self, String image, boolean surely) {
        var without = conflictAmong(self, image, true);
        var with = conflictAmong(self, image, false);
        return surely ? without && with : without || with;
    }

    private boolean conflictAmong(ImageShare self, String image, boolean certain) {
        var all = new ArrayList<>(view.toldShares().stream()
                .filter(s -> !Seniority.isSame(s, self) && claims(s, self, image, certain))
                .toList());
        all.add(self);
        all.sort(Seniority.byAge());
        var working = new ArrayList<ImageShare>();
        for (var share : all) {
            var rival = working.stream().anyMatch(o -> isAuthoritative(o) || isAuthoritative(share));
            if (Seniority.isSame(share, self)) {
                return rival;
            }
            if (!rival) {
                working.add(share);
            }
        }
        return false;
    }

    private boolean conflict(ImageAcceptance self) {
        return view.toldAcceptances().stream()
                .filter(a -> !a.isMarkedForDeletion())
                .filter(a -> a.getSpec().image() != null
                        && a.getSpec().image().equals(self.getSpec().image()))
                .filter(a ->
                        a.getMetadata().getNamespace().equals(self.getMetadata().getNamespace()))
                .min(Seniority.byAge())
                .filter(oldest ->
                        oldest.getSpec().memberStatus() != self.getSpec().memberStatus())
                .isPresent();
    }

    /** What other live objects declare for the image; with {@code likely}, also those that name it and weren't looked at. */
    Set<String> declaredByOthers(ImageShare self, String image, boolean likely, boolean surely) {
        return view.toldShares().stream()
                .filter(s -> !Seniority.isSame(s, self))
                .filter(s -> claims(s, self, image, surely)
                        || (likely
                                && !s.isMarkedForDeletion()
                                && isManaged(s)
                                && s.getMetadata()
                                        .getNamespace()
                                        .equals(self.getMetadata().getNamespace())
                                && (image.equals(s.getSpec().image().id())
                                        || s.getSpec()
                                                .image()
                                                .equals(self.getSpec().image()))
                                && (s.getStatus() == null
                                        || (s.getStatus().image() == null
                                                && !Conditions.has(
                                                        s.getStatus().conditions(),
                                                        Conditions.READY,
                                                        Reason.NotImageOwner)))))
                .flatMap(s -> declared(s).stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** How many deletions of a namespace take access away, and neither were approved nor held before. */
    private int deletions(String namespace) {
        return (int) view.toldShares().stream()
                .filter(s -> s.getMetadata().getNamespace().equals(namespace))
                .filter(s -> s.getStatus() == null
                        || s.getStatus().plan() == null
                        || s.getStatus().plan().hash() == null)
                .filter(s -> s.isMarkedForDeletion() && isManaged(s) && onDelete(s) == OnDelete.delete)
                .filter(s -> !s.getSpec().suspend())
                .filter(s -> approval(s) == null)
                .filter(s -> {
                    var status = s.getStatus();
                    if (status == null
                            || status.image() == null
                            || view.members(status.image().id()) == null
                            || (!Boolean.TRUE.equals(status.adopted())
                                    && added(status).isEmpty())) {
                        return false;
                    }
                    var image = status.image().id();
                    var mine = new TreeSet<>(added(status));
                    if (isAuthoritative(s)) {
                        mine.addAll(declared(s));
                    }
                    mine.removeAll(declaredByOthers(s, image, true, false));
                    // Names alike but not looked at yet are given the benefit of the doubt.
                    return !mine.isEmpty() && view.toldShares().stream().noneMatch(o -> o.getStatus() == null);
                })
                .count();
    }

    // ------------------------------------------------------------------ words

    static String ready(List<Condition> conditions) {
        return Conditions.find(conditions, Conditions.READY)
                .map(c -> c.reason()
                        + (conditions.stream().anyMatch(o -> o.type().equals(Conditions.STALLED)) ? " (Stalled)" : "")
                        + ": " + c.message())
                .orElse("no Ready");
    }

    private static boolean isTrue(List<Condition> conditions, String type) {
        return Conditions.find(conditions, type)
                .filter(c -> c.status() == Condition.Status.True)
                .isPresent();
    }

    static String name(HasMetadata object) {
        return object.getKind() + " " + Seniority.name(object);
    }

    private static com.fasterxml.jackson.databind.JsonNode tree(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            return null;
        }
    }

    private static String field(String text, String field) {
        var node = tree(text);
        return node == null ? "" : node.path(field).asText();
    }
}

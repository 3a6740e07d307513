package dev.imageshare.acceptance;

import dev.imageshare.acceptance.AcceptanceOutcome.Note;
import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageAcceptanceSpec;
import dev.imageshare.api.v1alpha1.ImageAcceptanceSpec.From;
import dev.imageshare.api.v1alpha1.ImageAcceptanceStatus;
import dev.imageshare.api.v1alpha1.ImageAcceptanceStatus.OfferInfo;
import dev.imageshare.api.v1alpha1.ImageAcceptanceStatus.ProjectInfo;
import dev.imageshare.openstack.Image;
import dev.imageshare.openstack.ImageClient;
import dev.imageshare.openstack.ImageQuery;
import dev.imageshare.openstack.Member;
import dev.imageshare.openstack.MemberStatus;
import dev.imageshare.openstack.OpenStackException;
import dev.imageshare.reconcile.CreationOrder;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.FieldRules;
import dev.imageshare.reconcile.Mandate;
import dev.imageshare.reconcile.ParallelCalls;
import dev.imageshare.reconcile.PassAbandonedException;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.ProblemException;
import dev.imageshare.reconcile.Reason;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One pass over one live object: locate the project, list its offers, plan, answer, report. */
final class AcceptancePass {

    /** What tells nothing about the other images; what else fails for one would fail for each. */
    private static final Set<OpenStackException.Kind> OF_ONE = EnumSet.of(
            OpenStackException.Kind.BAD_REQUEST,
            OpenStackException.Kind.CONFLICT,
            OpenStackException.Kind.FORBIDDEN,
            OpenStackException.Kind.NOT_FOUND,
            OpenStackException.Kind.SERVER_ERROR,
            OpenStackException.Kind.MALFORMED_ANSWER,
            OpenStackException.Kind.ANSWER_TOO_LARGE,
            OpenStackException.Kind.OVERLOADED);

    private static final int MAX_CLOUD = 300;

    /** So many are asked for one by one: that takes little more than one list of whatever anybody offers. */
    private static final int FEW_OWNERS = 3;

    /** One page, as Glance gives it. */
    private static final int LISTED_AT_ONCE = 1_000;

    private final ImageAcceptance acceptance;
    private final ImageAcceptanceSpec spec;
    private final MemberStatus wish;
    private final @Nullable ImageAcceptanceStatus before;
    private final ImageClient client;
    private final Precedence precedence;
    private final Mandate mandate;
    private final Instant now;

    /** @param acceptance the object, whose spec has passed {@link AcceptanceRules} */
    AcceptancePass(
            ImageAcceptance acceptance, ImageClient client, Precedence precedence, Mandate mandate, Instant now) {
        this.acceptance = acceptance;
        this.precedence = precedence;
        this.spec = acceptance.getSpec();
        this.wish =
                MemberStatus.valueOf(Objects.requireNonNull(spec.memberStatus()).name());
        this.before = acceptance.getStatus();
        this.client = client;
        this.mandate = mandate;
        this.now = now;
    }

    /**
     * Whose credentials these are, which says which other objects the object has to do with.
     *
     * @param project null if it isn't known
     * @param problem why it isn't known; null if it is
     */
    record ProjectLook(
            @Nullable ProjectInfo project, @Nullable Problem problem) {}

    /** The image that the spec names isn't offered, or no longer. */
    private static final class NotOfferedException extends ProblemException {
        private static final long serialVersionUID = 1;

        private final transient List<OfferInfo> offers;

        NotOfferedException(Problem problem, List<OfferInfo> offers) {
            super(problem);
            this.offers = offers;
        }
    }

    /** Looks, decides and answers. */
    AcceptanceOutcome run(ParallelCalls parallel) {
        var look = look();
        return spec.suspend()
                ? preview(look)
                : of(look, project -> {
                    precedence.awaitedSenior(acceptance, project).ifPresent(other -> {
                        throw new PassAbandonedException("ImageAcceptance " + CreationOrder.name(other)
                                + ", which may go first, hasn't been looked at since the start");
                    });
                    var from = spec.from();
                    return from == null ? answerNamed(project) : answerMatching(from, project, parallel);
                });
    }

    /** Looks only: at whose credentials these are. */
    ProjectLook look() {
        try {
            var scope = client.scope();
            var project =
                    new ProjectInfo(scope.projectId(), scope.region(), FieldRules.clipped(scope.cloud(), MAX_CLOUD));
            precedence.prove(acceptance, project);
            return new ProjectLook(project, null);
        } catch (ProblemException e) {
            return new ProjectLook(null, e.problem());
        } catch (OpenStackException e) {
            return new ProjectLook(null, Problem.of(e));
        }
    }

    /** What {@link #run} would answer after this look. Nothing is answered. */
    AcceptanceOutcome preview(ProjectLook look) {
        return of(look, project -> {
            var from = spec.from();
            return from == null ? previewNamed(project) : previewMatching(from, project);
        });
    }

    private static AcceptanceOutcome of(ProjectLook look, Function<ProjectInfo, AcceptanceOutcome> then) {
        var project = look.project();
        if (project == null) {
            return AcceptanceOutcome.failed(Objects.requireNonNull(look.problem()));
        }
        try {
            return then.apply(project);
        } catch (NotOfferedException e) {
            return AcceptanceOutcome.failed(project, e.offers, e.problem());
        } catch (ProblemException e) {
            return AcceptanceOutcome.failed(project, null, e.problem());
        } catch (OpenStackException e) {
            return AcceptanceOutcome.failed(project, null, Problem.of(e));
        }
    }

    // --------------------------------------------------------- one image, by ID

    private AcceptanceOutcome previewNamed(ProjectInfo project) {
        var named = named(project);
        var offer = named.offer(named.member());
        return new AcceptanceOutcome(
                project,
                List.of(offer),
                named.member().status() == wish ? List.of() : List.of(offer),
                Set.of(),
                Set.of(),
                List.of(),
                List.of());
    }

    /** The image that the spec names, as far as it was read, and this project's membership of it. */
    private record Named(
            String imageId, @Nullable Image image, @Nullable OfferInfo known, Member member) {

        OfferInfo offer(Member now) {
            var name = image == null ? known == null ? null : known.name() : FieldRules.clipped(image.name(), 255);
            var owner = image == null ? known == null ? null : known.owner() : image.owner();
            return new OfferInfo(imageId, name, owner, AcceptancePass.answer(now.status()), now.updatedAt());
        }
    }

    /** What the spec names; ends the pass if another object goes first, or it is not offered. */
    private Named named(ProjectInfo project) {
        var imageId =
                Objects.requireNonNull(Objects.requireNonNull(spec.image()).id());
        var rival = precedence.conflict(acceptance, project);
        if (rival.isPresent()) {
            throw Problem.of(
                            Reason.Conflict,
                            "ImageAcceptance " + CreationOrder.name(rival.get()) + " names this image too, says "
                                    + rival.get().getSpec().memberStatus()
                                    + " and is older; nothing is written for this"
                                    + " one. Keep one of the two.")
                    .asException();
        }
        var known = known(project).get(imageId);
        var image = known == null || known.memberStatus() == null ? offered(imageId, project, known) : null;
        try {
            return new Named(imageId, image, known, client.member(imageId, project.id()));
        } catch (OpenStackException e) {
            if (e.kind() != OpenStackException.Kind.NOT_FOUND) {
                throw e;
            }
            throw missing(image == null ? offered(imageId, project, known) : image, project, known);
        }
    }

    /** Sets the answer whatever it was. */
    private AcceptanceOutcome answerNamed(ProjectInfo project) {
        var named = named(project);
        if (named.member().status() == wish) {
            return answered(project, named, named.member(), Set.of(), Set.of());
        }
        var known = named.known();
        var changed =
                known != null && known.memberStatus() == answer(wish) ? Set.of(named.imageId()) : Set.<String>of();
        try {
            if (!mandate.holds()) {
                throw Problem.of(
                                Reason.Progressing,
                                mandate.leads()
                                        ? "The object changed meanwhile, so the pass has ended early. Another one follows."
                                        : "The operator is stopping, or another replica leads now, so the pass has ended"
                                                + " early. The one that leads next goes on.")
                        .asException();
            }
            var member = client.updateMember(named.imageId(), project.id(), wish);
            return answered(project, named, member, changed, Set.of(named.imageId()));
        } catch (ProblemException e) {
            return notAnswered(project, changed, e.problem());
        } catch (OpenStackException e) {
            return notAnswered(project, changed, Problem.of(e));
        }
    }

    private static AcceptanceOutcome answered(
            ProjectInfo project, Named named, Member now, Set<String> changed, Set<String> answeredNow) {
        return new AcceptanceOutcome(
                project, List.of(named.offer(now)), List.of(), changed, answeredNow, List.of(), List.of());
    }

    private static AcceptanceOutcome notAnswered(ProjectInfo project, Set<String> changed, Problem problem) {
        return new AcceptanceOutcome(project, null, List.of(), changed, Set.of(), List.of(problem), List.of());
    }

    /** The image that another project shares; ends the pass if this project can't see it, or owns it. */
    private Image offered(String imageId, ProjectInfo project, @Nullable OfferInfo known) {
        Image image;
        try {
            image = client.image(imageId);
        } catch (OpenStackException e) {
            if (e.kind() != OpenStackException.Kind.NOT_FOUND) {
                throw e;
            }
            throw notOffered(imageId, project, known);
        }
        if (project.id().equals(image.owner())) {
            throw Problem.of(
                            Reason.Forbidden,
                            "Image " + imageId + " is owned by project " + project.id() + ", which the credentials are"
                                    + " of: only a project that it is shared with can answer. Put that project's"
                                    + " credentials into the Secret, or correct spec.cloudCredentialsRef.")
                    .asException();
        }
        return image;
    }

    private ProblemException missing(Image image, ProjectInfo project, @Nullable OfferInfo known) {
        return image.visibility().equals("shared")
                ? notOffered(image.id(), project, known)
                : Problem.of(
                                Reason.ImageNotShared,
                                "Image " + image.id() + " is " + image.visibility()
                                        + "; only a shared image has members, so there is nothing to answer.")
                        .asException();
    }

    private NotOfferedException notOffered(String imageId, ProjectInfo project, @Nullable OfferInfo known) {
        var problem = Problem.of(
                Reason.ImageNotFound,
                known == null
                        ? "Image " + imageId + " is not offered to project " + project.id() + " in region "
                                + project.region()
                                + ", or was withdrawn: check spec.image.id and the credentials,"
                                + " or ask the image's owner to add this project as a member."
                        : "The offer of image " + imageId + " to project " + project.id()
                                + " was withdrawn: its owner"
                                + (known.owner() == null ? "" : ", project " + known.owner() + ",")
                                + " removed this project, made the image private, or deleted it. Delete this"
                                + " ImageAcceptance, or ask the owner.");
        return new NotOfferedException(
                problem,
                known == null ? List.of() : List.of(new OfferInfo(imageId, known.name(), known.owner(), null, null)));
    }

    // ------------------------------------------------------- images that match

    private AcceptanceOutcome previewMatching(From from, ProjectInfo project) {
        var plan = matching(from, project);
        var known = known(project);
        return new AcceptanceOutcome(
                project,
                plan.offers().stream()
                        .map(offer -> info(offer, null, known.get(offer.image().id())))
                        .toList(),
                plan.answer().stream()
                        .map(offer -> info(offer, null, known.get(offer.image().id())))
                        .toList(),
                Set.of(),
                Set.of(),
                List.of(),
                notes(plan, from));
    }

    private AnswerPlan matching(From from, ProjectInfo project) {
        return AnswerPlan.of(
                offers(Objects.requireNonNull(from.owners())),
                from,
                wish,
                project.id(),
                precedence.seniors(acceptance, project));
    }

    /** Answers what is pending and matches, and reports the rest. */
    private AcceptanceOutcome answerMatching(From from, ProjectInfo project, ParallelCalls parallel) {
        var plan = matching(from, project);
        var answered = new ConcurrentHashMap<String, Member>();
        var answeredNow = new ConcurrentSkipListSet<String>();
        var failed = parallel.forEach(
                plan.answer().stream().map(offer -> offer.image().id()).toList(), OF_ONE, mandate::holds, id -> {
                    // A person may have answered since the lists were read.
                    var member = client.member(id, project.id());
                    if (member.status() == MemberStatus.pending) {
                        if (!mandate.holds()) {
                            return; // not answered yet; another pass follows
                        }
                        member = client.updateMember(id, project.id(), wish);
                        answeredNow.add(id);
                    }
                    answered.put(id, member);
                });

        var known = known(project);
        var infos = new ArrayList<OfferInfo>();
        for (var offer : plan.offers()) {
            var id = offer.image().id();
            var failure = failed.get(id);
            if (failure == null || failure.kind() != OpenStackException.Kind.NOT_FOUND) { // else withdrawn meanwhile
                infos.add(info(offer, answered.get(id), known.get(id)));
            }
        }
        return new AcceptanceOutcome(
                project,
                infos,
                List.of(),
                Set.of(),
                answeredNow,
                problems(plan, answered.keySet(), failed),
                notes(plan, from));
    }

    /** What each list says; one that is in two, since it was answered in between, is what the later list says. */
    private Collection<Offer> offers(List<String> owners) {
        var offers = new LinkedHashMap<String, Offer>();
        for (var answer : List.of(MemberStatus.pending, MemberStatus.accepted, MemberStatus.rejected)) {
            images(ImageQuery.sharedWithMe(answer), owners)
                    .forEach(image -> offers.put(image.id(), new Offer(image, answer)));
        }
        return offers.values();
    }

    /** Of these owners and perhaps of others: anybody can offer any number of images, and must not hide theirs by that. */
    private List<Image> images(ImageQuery query, List<String> owners) {
        if (owners.size() > FEW_OWNERS) {
            var ofAnybody = client.images(query, LISTED_AT_ONCE);
            if (ofAnybody.complete()) {
                return ofAnybody.images();
            }
        }
        return owners.stream()
                .distinct()
                .flatMap(owner -> client.images(query.from(owner)).stream())
                .toList();
    }

    private static List<Problem> problems(
            AnswerPlan plan, Set<String> answered, Map<String, OpenStackException> failed) {
        var real = new LinkedHashMap<>(failed);
        real.values().removeIf(failure -> failure.kind() == OpenStackException.Kind.NOT_FOUND);
        var problems = new ArrayList<>(Problem.ofMany("Not answered", real));
        var untried = plan.answer().size() - answered.size() - failed.size();
        if (untried > 0) {
            problems.add(Problem.of(
                    Reason.Progressing,
                    untried + (untried == 1 ? " image is" : " images are")
                            + " not answered yet: the pass has ended early, and another one follows."));
        }
        return problems;
    }

    private static List<Note> notes(AnswerPlan plan, From from) {
        var notes = new ArrayList<Note>();
        plan.left()
                .forEach((other, images) -> notes.add(new Note(
                        "LeftToAnother",
                        "Left to ImageAcceptance " + other + ", which goes first: " + EventRecorder.names(images)
                                + ".")));
        var names = FieldRules.suspectNames(Objects.requireNonNull(from.owners()));
        if (!names.isEmpty()) {
            notes.add(new Note(
                    "NotAProjectID",
                    "These don't look like project IDs (32 or 64 hexadecimal digits), so they probably mean nobody: "
                            + EventRecorder.names(names) + "."));
        }
        return notes;
    }

    private OfferInfo info(Offer offer, @Nullable Member answered, @Nullable OfferInfo known) {
        var status = answer(answered == null ? offer.answer() : answered.status());
        String updatedAt = null;
        if (answered != null) {
            updatedAt = answered.updatedAt();
        } else if (known != null) {
            updatedAt = known.memberStatus() == status
                    ? known.updatedAt()
                    : now.truncatedTo(ChronoUnit.SECONDS).toString();
        }
        var image = offer.image();
        return new OfferInfo(image.id(), FieldRules.clipped(image.name(), 255), image.owner(), status, updatedAt);
    }

    /** What the status remembers of this project's offers, by the image's ID. */
    private Map<String, OfferInfo> known(ProjectInfo project) {
        var known = new LinkedHashMap<String, OfferInfo>();
        if (before != null && Precedence.isSameProject(project, before.project()) && before.images() != null) {
            before.images().forEach(offer -> known.put(offer.id(), offer));
        }
        return known;
    }

    private static dev.imageshare.api.v1alpha1.MemberAnswer answer(MemberStatus status) {
        return dev.imageshare.api.v1alpha1.MemberAnswer.valueOf(status.name());
    }
}

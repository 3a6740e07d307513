package dev.imageshare.access;

import dev.imageshare.api.v1alpha1.ImageAccessDecision;
import dev.imageshare.api.v1alpha1.ImageAccessRequest;
import dev.imageshare.api.v1alpha1.ImageAccessRequestStatus.GrantedImage;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ApprovalMode;
import dev.imageshare.openstack.CloudConfig;
import dev.imageshare.openstack.OpenStackException;
import dev.imageshare.openstack.ProvenProject;
import dev.imageshare.openstack.Purpose;
import dev.imageshare.reconcile.CloudAccess;
import dev.imageshare.reconcile.FairScheduler;
import dev.imageshare.reconcile.FieldRules;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.ProblemException;
import dev.imageshare.reconcile.ProjectText;
import dev.imageshare.reconcile.Reason;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One pass over one request that isn't being deleted: admission, proof, decision. Writes nothing. */
final class LiveRequests {

    private final CloudAccess clouds;
    private final boolean mayBeHttp;

    /** @param mayBeHttp whether a project may be proven over http, which anybody in between can forge: for labs */
    LiveRequests(CloudAccess clouds, boolean mayBeHttp) {
        this.clouds = clouds;
        this.mayBeHttp = mayBeHttp;
    }

    /**
     * What a pass goes by.
     *
     * @param request valid by {@link AccessRules}
     * @param set what it names; null if there is none, or if it is being deleted
     * @param admission whether the set admits the request's namespace
     * @param decisions those about the request
     * @param images those that are shared with a project by the set
     * @param openBefore how many older requests of its namespace wait for something
     */
    record RequestInput(
            ImageAccessRequest request,
            @Nullable ProjectSet set,
            Admission admission,
            List<ImageAccessDecision> decisions,
            SharedImages images,
            int openBefore,
            Instant now) {

        RequestInput {
            decisions = List.copyOf(decisions);
        }
    }

    /** What is shared with a project by a set. */
    @FunctionalInterface
    interface SharedImages {
        List<GrantedImage> with(ProjectSet set, String project);
    }

    /** How many requests of a namespace may wait at once. */
    static final int MOST_OPEN = 10;

    RequestOutcome look(RequestInput in, FairScheduler.Turn turn) {
        if (in.set() == null || in.admission() != Admission.ADMITTED) {
            return RequestOutcome.failed(stranger(in.request()));
        }
        var present = AskedRequest.projects(in.set(), AskedRequest.source(in.request()));
        var pinned = present.size() == 1
                ? present.iterator().next()
                : RequestStatus.before(in.request()).projectID();
        var verdict = verdict(in, pinned);
        // These need no login.
        var over = over(in, verdict);
        if (over.isPresent()) {
            return new RequestOutcome(null, verdict, null, List.of(over.get()), List.of());
        }
        if (!(verdict instanceof AccessVerdict.Granted) && in.decisions().isEmpty()) {
            if (isForgotten(in)) {
                return RequestOutcome.failed(forgotten());
            }
            if (in.openBefore() >= MOST_OPEN) {
                return RequestOutcome.failed(
                        Problem.of(
                                Reason.TooManyRequests,
                                in.openBefore() + " older requests of this namespace wait, and at most " + MOST_OPEN
                                        + " may. This one is looked at once fewer do: delete those that are no longer needed."));
            }
        }
        return proven(in, turn, pinned, present, verdict);
    }

    private RequestOutcome proven(
            RequestInput in,
            FairScheduler.Turn turn,
            @Nullable String pinned,
            Set<String> present,
            AccessVerdict before) {
        ProvenProject project;
        try {
            project = prove(in, turn);
        } catch (ProblemException e) {
            return unproven(in, pinned, present, before, e.problem());
        } catch (OpenStackException e) {
            return unproven(in, pinned, present, before, Problem.of(e));
        }
        if (pinned != null && !pinned.equals(project.id())) {
            return new RequestOutcome(
                    project,
                    before,
                    images(in, present, before, pinned),
                    List.of(Problem.of(
                            Reason.ProjectChanged,
                            "The credentials are of project " + project.id() + ", but this request is of project "
                                    + pinned
                                    + (present.isEmpty() ? "" : ", which stays in the set")
                                    + ". Correct the Secret, or create an ImageAccessRequest for the other project.")),
                    List.of());
        }
        var verdict = verdict(in, project.id());
        var over = over(in, verdict);
        if (over.isPresent()) {
            return new RequestOutcome(project, verdict, null, List.of(over.get()), List.of());
        }
        if (verdict instanceof AccessVerdict.Undecided) {
            var problem = isForgotten(in) ? forgotten() : awaiting(in, project);
            return new RequestOutcome(project, verdict, null, List.of(problem), List.of());
        }
        return present.contains(project.id())
                ? new RequestOutcome(project, verdict, images(in, present, verdict, project.id()), List.of(), List.of())
                : new RequestOutcome(project, verdict, null, List.of(notYet(in)), List.of());
    }

    /** Whatever was granted and taken stays; nothing new is. */
    private static RequestOutcome unproven(
            RequestInput in, @Nullable String pinned, Set<String> present, AccessVerdict verdict, Problem problem) {
        return pinned != null && present.contains(pinned) && verdict instanceof AccessVerdict.Granted
                ? new RequestOutcome(
                        null,
                        verdict,
                        images(in, present, verdict, pinned),
                        List.of(),
                        List.of("The credentials could not be checked now, which changes nothing: "
                                + problem.message()))
                : new RequestOutcome(null, verdict, null, List.of(problem), List.of());
    }

    private static AccessVerdict verdict(RequestInput in, @Nullable String project) {
        var policy = Objects.requireNonNull(
                Objects.requireNonNull(in.set()).getSpec().requests());
        return AccessVerdict.of(in.request(), policy, in.decisions(), project);
    }

    /** Whether a person had to decide, and none did in time. */
    private static boolean isForgotten(RequestInput in) {
        var policy = Objects.requireNonNull(
                Objects.requireNonNull(in.set()).getSpec().requests());
        return policy.approval() == ApprovalMode.Manual && AskedRequest.isTooOld(in.request(), in.now());
    }

    private static Problem forgotten() {
        return Problem.of(
                Reason.RequestEnded,
                "Nobody decided within 14 days. To ask again, delete this ImageAccessRequest and create another one.");
    }

    /** What ended by a person's word, or by time. */
    private static Optional<Problem> over(RequestInput in, AccessVerdict verdict) {
        if (verdict instanceof AccessVerdict.Denied denied) {
            return Optional.of(Problem.of(
                    Reason.RequestDenied, "Denied" + (denied.message() == null ? "." : ": " + denied.message())));
        }
        return verdict instanceof AccessVerdict.Granted granted && granted.hasEnded(in.now())
                ? Optional.of(Problem.of(
                        Reason.RequestEnded,
                        "The access ended on " + granted.end()
                                + ". To ask again, delete this ImageAccessRequest and create another one."))
                : Optional.empty();
    }

    private static Problem awaiting(RequestInput in, ProvenProject project) {
        var set = Objects.requireNonNull(in.request().getSpec().projectSetRef());
        var other = in.decisions().isEmpty()
                ? ""
                : " A decision about this request names another project, or a time that can't be read, so it doesn't count.";
        return Problem.of(
                Reason.AwaitingApproval,
                "Project " + ProjectText.of(project.id(), project.name())
                        + " is proven. Waits for an ImageAccessDecision in namespace " + set.namespace() + "." + other
                        + " If nobody decides, the request ends on "
                        + AccessVerdict.created(in.request()).plus(AskedRequest.LONGEST_WAIT) + ".");
    }

    private static Problem notYet(RequestInput in) {
        var set = Objects.requireNonNull(in.request().getSpec().projectSetRef());
        return Problem.of(
                Reason.Progressing,
                "Approved. ProjectSet " + set.namespace() + "/" + set.name()
                        + " doesn't have the project yet. If that stays so, its owners can see why in its status.");
    }

    private static @Nullable List<GrantedImage> images(
            RequestInput in, Set<String> present, AccessVerdict verdict, String project) {
        return verdict instanceof AccessVerdict.Granted && present.contains(project)
                ? in.images().with(Objects.requireNonNull(in.set()), project)
                : null;
    }

    // ------------------------------------------------------------------- proof

    private ProvenProject prove(RequestInput in, FairScheduler.Turn turn) {
        var request = in.request();
        var namespace = request.getMetadata().getNamespace();
        var ref = request.getSpec().cloudCredentialsRef();
        var witness = witness(Objects.requireNonNull(in.set()));
        var entry = clouds.entry(namespace, ref, Purpose.PROOF);
        var same = clouds.sameClouds();
        if (!same.cloud(entry.keystoneOrigin()).equals(same.cloud(witness.keystoneOrigin()))) {
            throw stranger(request).asException();
        }
        if (!entry.isHttps() && !mayBeHttp) {
            throw invalid("its auth_url is http, by which anybody on the way could say which project asks. Use https.");
        }
        if (!entry.verifyTls()) {
            throw invalid(
                    "verify is off, so nobody knows which Keystone says which project asks. Remove verify: false and"
                            + " insecure: true, and put the CA under the Secret's key cacert.");
        }
        ProvenProject project;
        try {
            project = clouds.prove(namespace, ref, witness, turn);
        } catch (OpenStackException e) {
            throw e.kind() == OpenStackException.Kind.TLS_UNTRUSTED
                    ? Problem.of(e)
                            .saying(" It must be valid for the ProjectSet's CA as well.")
                            .asException()
                    : e;
        }
        if (!FieldRules.isProjectId(project.id())) {
            throw Problem.of(Reason.CloudUnreachable, "Keystone's answer names a project whose ID no image can have.")
                    .asException();
        }
        return project.name() == null || project.name().indexOf('@') < 0
                ? project
                : new ProvenProject(project.id(), null, project.cloud()); // an address is in no status
    }

    private static ProblemException invalid(String what) {
        return Problem.of(Reason.CredentialsInvalid, "The credentials prove nothing: " + what)
                .asException();
    }

    /** The set's entry of a clouds.yaml. What is wrong with it is not for the other namespace. */
    private CloudConfig witness(ProjectSet set) {
        try {
            return clouds.entry(
                    set.getMetadata().getNamespace(), set.getSpec().cloudCredentialsRef(), Purpose.PROJECTS);
        } catch (ProblemException e) {
            throw Problem.of(
                            Reason.WaitingForReference,
                            "The ProjectSet can't check credentials now. Its owners can see why in its status.")
                    .asException();
        }
    }

    /** The same for a set that isn't there, one that admits nobody from here, and one of another cloud. */
    private static Problem stranger(ImageAccessRequest request) {
        var set = Objects.requireNonNull(request.getSpec().projectSetRef());
        return Problem.of(
                Reason.NotAdmitted,
                "ProjectSet " + set.namespace() + "/" + set.name()
                        + " doesn't take requests from this namespace for a project of this cloud, or isn't there. Check the"
                        + " name, and ask its owners to admit the namespace in spec.requests.from.");
    }
}

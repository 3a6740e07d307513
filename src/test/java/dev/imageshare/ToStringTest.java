package dev.imageshare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okio.ByteString;
import org.junit.jupiter.api.Test;

/**
 * No type shows a secret by being printed. Each record is made of marked texts; those whose toString shows them are listed
 * here, so somebody has to look at a new one.
 */
class ToStringTest {

    private static final String MARK = "m4rk";
    private static final String SECRET = "s3cr3t";

    /** What a component that is a secret is called. */
    private static final Set<String> SECRETS =
            Set.of("login", "secrets", "body", "token", "value", "headers", "password");

    /** Show names, IDs, settings and words for people only. */
    private static final Set<String> SHOWN = Set.of(
            "acceptance.AcceptanceOutcome",
            "acceptance.AcceptancePass$ProjectLook",
            "acceptance.AcceptancePreview$Looked",
            "cli.CommonMembers$Group",
            "cli.PlanCommand$Planned",
            "projectset.ProjectSetPass$SelectorLists",
            "projectset.SetOutcome",
            "projectset.SetPreview$PreviewedSet",
            "reconcile.SecretCredentials$CredentialsEntry",
            "share.ImageLook",
            "share.ImageLook$ListedMembers",
            "share.MemberChanges",
            "share.RevocationResult$AwaitingApproval",
            "share.RevocationResult$Released",
            "share.RevocationResult$Settling",
            "share.RevocationResult$Postponed",
            "share.ShareOutcome",
            "share.ShareOutcome$Drift",
            "share.SharePass$Intent",
            "share.SharePreview$Found",
            "acceptance.AnswerPlan",
            "acceptance.AnswerPlan$Senior",
            "acceptance.Offer",
            "acceptance.AcceptancePass$Named",
            "acceptance.AcceptancePreview$PreviewedAcceptance",
            "acceptance.AcceptanceOutcome$Note",
            "cli.CloudImages$FoundImage",
            "cli.CloudImages$Owned",
            "cli.CloudReader$FoundDetails",
            "cli.CloudReader$1Read",
            "cli.Cluster$ClusterJson",
            "cli.ClusterShares$1CloudOfNamespace",
            "cli.ClusterShares$Declarer",
            "cli.ClusterShares$PlaceOfSet",
            "cli.CrdSchema$Violation",
            "cli.ManifestObject",
            "cli.Export$Manifest",
            "cli.Fault",
            "cli.Fault$Place",
            "cli.LookCommand$Name",
            "cli.ManifestChecks$CheckedKind",
            "cli.ManifestDocument",
            "cli.ManifestFile",
            "cli.ManifestText",
            "cli.MemberProjects$1Asked",
            "cli.MemberProjects$ProjectReader",
            "cli.Plan",
            "cli.Plan$Change",
            "cli.Plan$FileFault",
            "cli.Plan$PlannedObject",
            "cli.Plan$PlannedSet",
            "cli.Plan$SetChange",
            "cli.Plan$Skipped",
            "cli.Plan$Trouble",
            "cli.Report",
            "cli.Report$Row",
            "cli.Report$Shown",
            "cli.ReportCommand$Of",
            "cli.ReportCommand$Read",
            "cli.ProjectsCommand$MatchedProject",
            "cli.ProjectsCommand$ProjectsReport",
            "cli.WorstCase",
            "membership.Desired",
            "membership.Guard",
            "membership.MembershipPlan",
            "membership.MembershipPlan$Judgement",
            "membership.Memory",
            "membership.Observed",
            "notifier.ImageNotifierReconciler$NotifierVisit$Planned",
            "notifier.Journal",
            "notifier.Journal$SeenStep",
            "notifier.Journal$ToldProject",
            "notifier.Letter",
            "notifier.Marks",
            "notifier.NotificationSecrets$SecretTexts",
            "notifier.Notice",
            "notifier.NotifierSettings",
            "notifier.Outbox$Failing",
            "notifier.Outbox$Parcel",
            "notifier.Outbox$Round",
            "notifier.Receipt",
            "notifier.Receivers$Ready",
            "notifier.Recipient",
            "notifier.SharedImage",
            "notifier.Terms",
            "notifier.TestMessage$TestAnswer",
            "notifier.TrackedNotifier$DoneParcel",
            "notifier.TrackedNotifier$SeenShare",
            "notifier.Waiting",
            "notifier.Waiting$DueNotice",
            "openstack.HttpAnswer",
            "openstack.Ask",
            "openstack.Body$Listed",
            "openstack.Catalog$ServiceUrl",
            "openstack.CatalogFilter",
            "openstack.CloudConfig",
            "openstack.CloudHosts",
            "openstack.CloudSettings",
            "openstack.Clouds$OpenSession",
            "openstack.Clouds$SessionKey",
            "openstack.CloudKeys$CloudKey",
            "openstack.DirectoryProject",
            "openstack.Endpoint$ImageService",
            "openstack.FinishedRequest",
            "openstack.Http$Reply",
            "openstack.Image",
            "openstack.ImageDetails",
            "openstack.ImageClient$Page",
            "openstack.ImageList",
            "openstack.ImageClient$KeptProperties",
            "openstack.ImageQuery",
            "openstack.LoginScope",
            "openstack.Member",
            "openstack.ProjectAnswer$Found",
            "openstack.ProjectList",
            "openstack.ProjectLists$KeptList",
            "openstack.ProjectLists$ListKey",
            "openstack.ProjectListPage",
            "openstack.ProjectReader",
            "openstack.ProjectReading",
            "openstack.ProjectScope",
            "openstack.ProjectSource$Domain",
            "openstack.ProjectSource$Parent",
            "openstack.Proxies$Way",
            "openstack.Refusals$RefusedLogin",
            "openstack.SameClouds",
            "openstack.ServerClock$Heard",
            "openstack.Session$ImageGrant",
            "openstack.Session$Token",
            "operator.LeaseProof$Renewal",
            "operator.OptionalController",
            "operator.OptionalController$KindCensus",
            "operator.Settings",
            "operator.Settings$LeaderElection",
            "operator.StartCheck$Right",
            "operator.Wiring",
            "orc.OrcObjects$OrcObjectKey",
            "orc.Referent$Resolved",
            "orc.Referent$Unresolved",
            "projectset.SelectorReading",
            "access.AskedRequest",
            "access.ImageAccessRequestReconciler$GrantedShare",
            "access.LiveRequests$RequestInput",
            "access.ProvenRequest",
            "access.RequestOutcome",
            "access.AccessVerdict$Denied",
            "access.AccessVerdict$Granted",
            "access.TrackedRequest$SeenBySet",
            "cli.RequestsCommand$AskedSet",
            "openstack.ProvenProject",
            "projectset.Application",
            "projectset.Applications",
            "projectset.SetInput",
            "projectset.SetPlan",
            "projectset.SetPlanner$Decision",
            "reconcile.CredentialSecrets$SecretKey",
            "reconcile.CloudAccess",
            "reconcile.Credentials",
            "reconcile.EventRecorder$Said",
            "reconcile.EventRecorder$Series",
            "reconcile.FirstLooks$Awaited",
            "reconcile.Problem",
            "reconcile.Proofs$Proof",
            "reconcile.SecretContent",
            "reconcile.StatusWriter$Written",
            "reconcile.FairScheduler$Lane",
            "reconcile.StateCounts$ReadyState",
            "rotation.CloudImageId",
            "rotation.CloudReading",
            "rotation.ImageLookup$There",
            "rotation.ImageLookup$Untold",
            "rotation.ImageShareSetReconciler$SeenState",
            "rotation.OrderKey",
            "rotation.RotationInput",
            "rotation.RotationOutcome",
            "rotation.RotationPlan",
            "rotation.RotationPlanner$Leaver",
            "rotation.ShareNames$NamedImage",
            "rotation.TrackedRotation$Read",
            "share.Claims$OthersDeclare",
            "share.CloudImage",
            "share.Declaration",
            "share.ImageKey",
            "share.ImageLocator$Located",
            "share.TrackedShare$Valid",
            "share.MassDeletion$Batch",
            "share.MassDeletion$Counted",
            "share.MassDeletion$DeletionVerdict$Held",
            "share.MemberWriter$Additions",
            "share.MemberWriter$Removals",
            "share.NamespacedImage",
            "share.SharePreview$PreviewedShare",
            "share.SetReferent$Known",
            "share.Source",
            "share.Source$SetIdentity",
            "share.Source$Wish",
            "share.Source$Gap");

    @Test
    void aRecordThatShowsItsTextsIsKnownToHoldNoSecret() throws Exception {
        var showing = new TreeSet<String>();
        for (var type : types()) {
            var name = type.getName().substring("dev.imageshare.".length());
            // the API's types hold what users write into objects, and read there; the pages' what everybody reads on a
            // page
            if (type.isRecord() && !name.startsWith("api.") && !name.startsWith("site.")) {
                var printed = print(type);
                assertThat(printed).as(name).doesNotContain(SECRET);
                if (printed.contains(MARK)) {
                    showing.add(name);
                }
            }
        }
        assertThat(showing).as("look whether a new one can hold a secret").containsExactlyInAnyOrderElementsOf(SHOWN);
    }

    /** Whatever is no record has Object's toString, or one that was written with this in mind. */
    @Test
    void otherTypesAreNotPrinted() throws Exception {
        var printing = new TreeSet<String>();
        for (var type : types()) {
            if (!type.isRecord() && !type.isEnum() && declaresToString(type)) {
                printing.add(type.getSimpleName());
            }
        }
        assertThat(printing).isEmpty();
    }

    private static boolean declaresToString(Class<?> type) {
        return Arrays.stream(type.getDeclaredMethods())
                .filter(m -> m.getParameterCount() == 0)
                .map(Method::getName)
                .anyMatch("toString"::equals);
    }

    private static List<Class<?>> types() throws IOException, ClassNotFoundException {
        var root = Path.of("target/classes");
        try (var files = Files.walk(root.resolve("dev/imageshare"))) {
            var names = files.map(root::relativize)
                    .map(Path::toString)
                    .filter(f -> f.endsWith(".class") && !f.endsWith("package-info.class"))
                    .map(f -> f.substring(0, f.length() - ".class".length()).replace('/', '.'))
                    .toList();
            var types = new java.util.ArrayList<Class<?>>();
            for (var name : names) {
                types.add(Class.forName(name, false, ToStringTest.class.getClassLoader()));
            }
            return types;
        }
    }

    private static String print(Class<?> record) throws Exception {
        var made = make(record);
        return made == null ? "" : made.toString();
    }

    /** An instance of marked texts; null if its own rules refuse them. */
    private static Object make(Class<?> record) throws Exception {
        var components = record.getRecordComponents();
        var types = Arrays.stream(components).map(c -> c.getType()).toArray(Class<?>[]::new);
        var values = new Object[components.length];
        for (var i = 0; i < values.length; i++) {
            values[i] = value(types[i], SECRETS.contains(components[i].getName()) ? SECRET : MARK);
        }
        var constructor = record.getDeclaredConstructor(types);
        constructor.setAccessible(true);
        try {
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            return null;
        }
    }

    private static Object value(Class<?> type, String mark) throws Exception {
        if (type == String.class) {
            return mark;
        } else if (type == List.class) {
            return List.of(mark);
        } else if (type == Set.class || type == java.util.Collection.class) {
            return Set.of(mark);
        } else if (type == Map.class) {
            return Map.of(mark, mark);
        } else if (type == URI.class) {
            return URI.create("http://host/" + mark);
        } else if (type == HttpUrl.class) {
            return HttpUrl.get("http://host/" + mark);
        } else if (type == Headers.class) {
            return Headers.of("X-Subject-Token", mark);
        } else if (type == ByteString.class) {
            return ByteString.encodeUtf8(mark);
        } else if (type == Optional.class) {
            return Optional.empty();
        } else if (type == OptionalInt.class) {
            return OptionalInt.empty();
        } else if (type == Duration.class) {
            return Duration.ofSeconds(1);
        } else if (type == Instant.class) {
            return Instant.EPOCH;
        } else if (type == boolean.class) {
            return false;
        } else if (type == int.class) {
            return 1;
        } else if (type == long.class) {
            return 1L;
        } else if (type.isRecord()) {
            return make(type);
        } else if (type.isEnum()) {
            return type.getEnumConstants()[0];
        }
        return null;
    }
}

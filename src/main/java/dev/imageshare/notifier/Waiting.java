package dev.imageshare.notifier;

import dev.imageshare.notifier.Outbox.Parcel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What is to be told to each recipient.
 *
 * @param parcels a message each
 * @param open the ImageShares, by their UIDs, of which somebody is to be told, with the first look that found something
 */
record Waiting(List<Parcel> parcels, Map<String, Long> open) {

    Waiting {
        parcels = List.copyOf(parcels);
        open = Map.copyOf(open);
    }

    /**
     * What a look found.
     *
     * @param uid the ImageShare's; empty for one that is gone
     * @param look the look's number
     */
    record DueNotice(String uid, Notice notice, long look) {}

    /** What the looks at these ImageShares found that not everybody was told of, as far as it still holds. */
    static List<DueNotice> found(Journal journal, Map<String, SharedImage> shares, Terms terms) {
        var all = new ArrayList<DueNotice>();
        new TreeMap<>(shares)
                .forEach((uid, share) -> journal.pairs(uid)
                        .forEach(pair -> Notices.between(
                                        share,
                                        pair.getKey().marks(),
                                        pair.getValue().marks(),
                                        terms)
                                .forEach(notice -> all.add(new DueNotice(
                                        uid, notice, pair.getValue().look())))));
        return all;
    }

    /**
     * Who is to be told what.
     *
     * @param most notices that a message has room for; those of one project are never parted
     */
    static Waiting of(Collection<DueNotice> found, Journal journal, Contacts contacts, int most) {
        var byRecipient = new LinkedHashMap<Recipient, TreeMap<String, List<DueNotice>>>();
        var open = new HashMap<String, Long>();
        for (var each : found) {
            var audience = each.notice().audience();
            for (var recipient : contacts.of(audience)) {
                if (journal.toldTo(audience, recipient.key()) < each.look()) {
                    byRecipient
                            .computeIfAbsent(recipient, r -> new TreeMap<>())
                            .computeIfAbsent(audience, a -> new ArrayList<>())
                            .add(each);
                    open.merge(each.uid(), each.look(), Math::min);
                }
            }
        }
        var parcels = new ArrayList<Parcel>();
        byRecipient.forEach((recipient, projects) -> parcels.add(parcel(recipient, projects, most)));
        return new Waiting(parcels, open);
    }

    private static Parcel parcel(Recipient recipient, TreeMap<String, List<DueNotice>> projects, int most) {
        var notices = new ArrayList<Notice>();
        var about = new TreeSet<String>();
        var look = 0L;
        for (var project : projects.entrySet()) {
            if (!about.isEmpty() && notices.size() + project.getValue().size() > most) {
                break;
            }
            about.add(project.getKey());
            for (var each : project.getValue()) {
                notices.add(each.notice());
                look = Math.max(look, each.look());
            }
        }
        return new Parcel(recipient, notices, about, look, about.size() == projects.size());
    }
}

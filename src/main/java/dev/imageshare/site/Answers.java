package dev.imageshare.site;

import java.util.Collection;

/**
 * Counts of memberships.
 *
 * @param absent declared, and no member yet
 * @param undeclared members that no ImageShare names; among the first three
 */
public record Answers(int accepted, int pending, int rejected, int absent, int undeclared) {

    static Answers of(Collection<SiteMember> members) {
        int accepted = 0;
        int pending = 0;
        int rejected = 0;
        int absent = 0;
        int undeclared = 0;
        for (var member : members) {
            var answer = member.answer();
            if (answer == null) {
                absent++;
            } else {
                switch (answer) {
                    case accepted -> accepted++;
                    case pending -> pending++;
                    case rejected -> rejected++;
                }
            }
            if (member.isUndeclared()) {
                undeclared++;
            }
        }
        return new Answers(accepted, pending, rejected, absent, undeclared);
    }

    Answers plus(Answers other) {
        return new Answers(
                accepted + other.accepted,
                pending + other.pending,
                rejected + other.rejected,
                absent + other.absent,
                undeclared + other.undeclared);
    }

    public int members() {
        return accepted + pending + rejected;
    }
}

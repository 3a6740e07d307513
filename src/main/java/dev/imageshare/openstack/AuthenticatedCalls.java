package dev.imageshare.openstack;

import dev.imageshare.openstack.Http.Reply;
import dev.imageshare.openstack.Session.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Sends the requests of one pass with its session's token. May be used by many threads. */
final class AuthenticatedCalls {
    private static final int MOST_TRIES = 3;

    private final Session session;
    private final Object renewal = new Object();
    private boolean loggedInAgain;

    AuthenticatedCalls(Session session) {
        this.session = session;
    }

    /**
     * A request that got 401 was not carried out, so any request may be sent again with another token. Each pass logs
     * in at most once for that.
     *
     * @param wanted checked right before the request is sent
     * @param good the only status whose body is parsed as the expected result
     */
    <T> Reply<T> send(Function<Token, Ask> request, BooleanSupplier wanted, int good, Body.Reading<T> reading) {
        Token token = session.token();
        Reply<T> reply = sendOnce(request.apply(token), wanted, good, reading);
        for (int tries = 1; reply.answer().status() == 401 && tries < MOST_TRIES; tries++) {
            Token next = after(token);
            if (next == null) {
                return reply;
            }
            token = next;
            reply = sendOnce(request.apply(token), wanted, good, reading);
        }
        return reply;
    }

    private <T> Reply<T> sendOnce(Ask ask, BooleanSupplier wanted, int good, Body.Reading<T> reading) {
        Reply<T> reply = session.http().send(ask, wanted, good, reading);
        if (ask.service() == Ask.Service.GLANCE) {
            session.imageService().answered(reply.answer().headers().get("Date"));
        }
        return reply;
    }

    /** What no message may show for a request with this token. */
    List<String> secrets(Token token) {
        List<String> secrets = new ArrayList<>(session.secrets());
        secrets.add(token.value());
        return secrets;
    }

    /**
     * The token to try after this one was refused. Other calls of this pass may be waiting for it. Null: no more
     * attempts.
     */
    private @Nullable Token after(Token refused) {
        synchronized (renewal) {
            if (!session.hasReplaced(refused)) {
                if (loggedInAgain) {
                    return null;
                }
                loggedInAgain = true;
            }
            return session.tokenAfter(refused);
        }
    }
}

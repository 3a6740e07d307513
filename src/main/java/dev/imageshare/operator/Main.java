package dev.imageshare.operator;

import dev.imageshare.cli.Commands;

/**
 * The jar's entry point. It decides before any of the operator's classes is loaded, so that the other commands start
 * quickly.
 */
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        if (Commands.isCalled(args)) {
            System.exit(Commands.execute(args));
        }
        OperatorMain.main(args);
    }
}

package dev.imageshare.operator;

import dev.imageshare.cli.Commands;

/** Where the jar starts. It chooses before anything of the operator is loaded: the other commands are to start at once. */
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        if (Commands.isCalled(args)) {
            System.exit(Commands.execute(args));
        }
        OperatorMain.main(args);
    }
}

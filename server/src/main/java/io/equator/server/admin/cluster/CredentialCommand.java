package io.equator.server.admin.cluster;

import io.equator.server.CommandGroup;
import picocli.CommandLine.Command;

/** {@code equator admin credential}: what clients sign their requests with. */
@Command(
    name = "credential",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      CredentialCreateCommand.class,
      CredentialListCommand.class,
      CredentialDisableCommand.class,
      CredentialDeleteCommand.class
    },
    description = "The credentials with which clients sign their requests.")
public final class CredentialCommand extends CommandGroup {}

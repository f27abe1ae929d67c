package io.equator.server.admin;

import io.equator.server.CommandGroup;
import io.equator.server.admin.cluster.CertificateCommand;
import io.equator.server.admin.cluster.CompareRegionsCommand;
import io.equator.server.admin.cluster.CredentialCommand;
import io.equator.server.admin.cluster.DrainCommand;
import io.equator.server.admin.cluster.IndexCommand;
import io.equator.server.admin.cluster.InitCommand;
import io.equator.server.admin.cluster.MoveCommand;
import io.equator.server.admin.cluster.NodesCommand;
import io.equator.server.admin.cluster.OperationsCommand;
import io.equator.server.admin.cluster.PartitionsCommand;
import io.equator.server.admin.cluster.RegionCommand;
import io.equator.server.admin.cluster.RemoveCommand;
import io.equator.server.admin.cluster.ReplicationCommand;
import io.equator.server.admin.cluster.RingCommand;
import io.equator.server.admin.cluster.ScrubCommand;
import io.equator.server.admin.cluster.SplitCommand;
import io.equator.server.admin.cluster.StatusCommand;
import io.equator.server.admin.cluster.TokenCommand;
import io.equator.server.admin.cluster.TransferLeaderCommand;
import io.equator.server.admin.triggers.TriggerCommand;
import picocli.CommandLine.Command;

/** {@code equator admin}: the parent of the operator's commands. */
@Command(
    name = "admin",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      InitCommand.class,
      TokenCommand.class,
      CredentialCommand.class,
      CertificateCommand.class,
      StatusCommand.class,
      NodesCommand.class,
      PartitionsCommand.class,
      RingCommand.class,
      OperationsCommand.class,
      MoveCommand.class,
      ScrubCommand.class,
      IndexCommand.class,
      SplitCommand.class,
      TransferLeaderCommand.class,
      DrainCommand.class,
      RemoveCommand.class,
      RegionCommand.class,
      ReplicationCommand.class,
      CompareRegionsCommand.class,
      TriggerCommand.class,
      DumpCommand.class
    },
    description = "Found a cluster, look after it, look into its files.")
public final class AdminCommand extends CommandGroup {}

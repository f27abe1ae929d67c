package io.equator.node;

import io.equator.node.service.HostedPartition;
import io.equator.proto.CountStep;
import io.equator.proto.Effect;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Lets partitions that were made by a split count their rows, as their leader: a few small steps
 * one after the other, then a pause until the keeper looks again, so that writes do not wait.
 */
final class RowCounter {
  /** Rows of one step, which are read while its entry is applied. */
  private static final int ROWS = 500;

  private static final int STEPS = 20;

  private final Set<Long> underWay = ConcurrentHashMap.newKeySet();

  /** Begins some steps in each partition that needs them. */
  void look(Collection<HostedPartition> partitions) {
    for (HostedPartition partition : partitions) {
      if (partition.machine().isCounting()
          && partition.leadsOwner()
          && underWay.add(partition.machine().partition())) {
        step(partition, STEPS);
      }
    }
  }

  private void step(HostedPartition partition, int left) {
    Effect effect = Effect.newBuilder().setCountStep(CountStep.newBuilder().setRows(ROWS)).build();
    var _ =
        partition
            .writer()
            .submit(effect)
            .whenComplete(
                (applied, _) -> {
                  if (Boolean.TRUE.equals(applied)
                      && left > 1
                      && partition.machine().isCounting()) {
                    step(partition, left - 1);
                  } else {
                    underWay.remove(partition.machine().partition());
                  }
                });
  }
}

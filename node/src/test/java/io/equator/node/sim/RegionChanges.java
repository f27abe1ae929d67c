package io.equator.node.sim;

import io.equator.proto.GlobalTableMember.State;
import io.equator.replication.sim.Simulation;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which regions have the table, and how that changes while it is in use: regions join; one is lost
 * for good, or cut off for so long that it is given up, and comes back stale; one leaves. A region
 * that came back or left may join again, with nothing.
 */
final class RegionChanges {
  private enum Fate {
    NONE,
    /** Its processes end. Some of what it has sent has reached some. */
    DIES,
    /** It goes on, unheard, is given up, and comes back. */
    COMES_BACK_STALE,
    /** It goes on, unheard, is given up, and never comes back. */
    STAYS_AWAY,
    /** It gives the others its last writes, and goes. */
    LEAVES,
    /** The same, but it does not wait. */
    LEAVES_AT_ONCE
  }

  private static final long LAST_WORDS_FROM = RegionsRun.ASKED_MILLIS - 60;
  private static final long LAST_WORDS_TO = RegionsRun.ASKED_MILLIS + 10;

  private final Simulation simulation;
  private final Collection<SimulatedRegion> regions;
  private final Set<String> dead = new HashSet<>();
  private final Set<String> cutOff = new HashSet<>();
  private final Set<String> gone = new HashSet<>();
  private int pending;
  private Fate fate = Fate.NONE;
  private boolean joinsAgain;

  RegionChanges(Simulation simulation, Collection<SimulatedRegion> regions) {
    this.simulation = simulation;
    this.regions = regions;
  }

  boolean isDead(SimulatedRegion region) {
    return dead.contains(region.name);
  }

  /** Nobody reaches it now. */
  boolean isCutOff(SimulatedRegion region) {
    return cutOff.contains(region.name);
  }

  /** Nobody reaches it, and nobody will. */
  boolean isGone(SimulatedRegion region) {
    return gone.contains(region.name);
  }

  /** What happens to some region, in a word. */
  String fate() {
    return fate + (joinsAgain ? "_AND_JOINS_AGAIN" : "");
  }

  /** Nothing is to come, and all regions say the same of who has the table. */
  boolean settled() {
    List<SimulatedRegion> heard = regions.stream().filter(each -> !isGone(each)).toList();
    return pending == 0
        && heard.stream().allMatch(each -> each.membership().isSettled())
        && heard.stream().map(each -> each.membership().document()).distinct().count() == 1;
  }

  private void after(long fromMillis, long toMillis, Runnable what) {
    pending++;
    simulation.after(
        simulation.between(fromMillis * Simulation.MILLIS, toMillis * Simulation.MILLIS),
        () -> {
          pending--;
          what.run();
        });
  }

  /** Plans what comes. */
  void begin(List<SimulatedRegion> founders, List<SimulatedRegion> newcomers) {
    newcomers.forEach(each -> after(200, 3_000, () -> join(each)));
    Fate[] all = Fate.values();
    fate = founders.size() < 2 ? Fate.NONE : all[simulation.random().nextInt(all.length)];
    SimulatedRegion victim = founders.get(simulation.random().nextInt(founders.size()));
    joinsAgain =
        (fate == Fate.COMES_BACK_STALE || fate == Fate.LEAVES || fate == Fate.LEAVES_AT_ONCE)
            && simulation.chance(0.5);
    switch (fate) {
      case NONE -> {}
      case DIES -> {
        // Often with its last words half said, and nobody who says anything after them.
        boolean late = simulation.chance(0.5);
        after(late ? LAST_WORDS_FROM : 1_000, late ? LAST_WORDS_TO : 4_100, () -> die(victim));
      }
      case COMES_BACK_STALE, STAYS_AWAY -> after(300, 2_000, () -> cutOff(victim));
      case LEAVES, LEAVES_AT_ONCE ->
          after(300, 2_500, () -> leave(victim, fate == Fate.LEAVES_AT_ONCE));
    }
  }

  /** Somebody who has the table, and is there, lets a region in; tried until one is. */
  private void join(SimulatedRegion newcomer) {
    for (SimulatedRegion each : regions) {
      if (each != newcomer && !isCutOff(each) && each.serves() && each.membership().takesPart()) {
        simulation.note(each.name + " adds " + newcomer.name);
        each.membership().add(newcomer.name);
        return;
      }
    }
    after(50, 200, () -> join(newcomer));
  }

  private void die(SimulatedRegion victim) {
    simulation.note(victim.name + " dies");
    dead.add(victim.name);
    cutOff.add(victim.name);
    gone.add(victim.name);
    victim.end();
    giveUp(victim);
  }

  private void cutOff(SimulatedRegion victim) {
    simulation.note(victim.name + " is cut off");
    cutOff.add(victim.name);
    giveUp(victim);
    if (fate == Fate.STAYS_AWAY) {
      gone.add(victim.name);
    } else {
      after(1_300, 2_800, () -> comeBack(victim));
    }
  }

  /** Everybody finds so, sooner or later. */
  private void giveUp(SimulatedRegion victim) {
    for (SimulatedRegion each : regions) {
      if (each != victim) {
        after(200, 1_200, () -> each.membership().giveUp(victim.name));
      }
    }
  }

  private void comeBack(SimulatedRegion victim) {
    simulation.note(victim.name + " comes back");
    cutOff.remove(victim.name);
    if (joinsAgain) {
      after(100, 1_000, () -> joinAgain(victim));
    }
  }

  private void leave(SimulatedRegion victim, boolean hurried) {
    if (!victim.serves()) {
      after(50, 200, () -> leave(victim, hurried));
      return;
    }
    simulation.note(victim.name + " leaves");
    victim.membership().leave(hurried);
    if (joinsAgain) {
      after(500, 2_000, () -> joinAgain(victim));
    }
  }

  /** When it knows that it is out, its table is deleted, and it gets another one. */
  private void joinAgain(SimulatedRegion victim) {
    boolean out =
        victim.membership().own().filter(own -> own.getState() == State.REMOVED).isPresent()
            && !victim.membership().takesPart()
            && regions.stream()
                .filter(each -> !isCutOff(each))
                .allMatch(
                    each -> each.membership().document().equals(victim.membership().document()));
    if (!out) {
      after(100, 300, () -> joinAgain(victim));
      return;
    }
    if (victim.table().isPresent()) {
      victim.dropTable();
    }
    regions.forEach(each -> each.membership().takeBack(victim.name));
    join(victim);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(fate() + ", " + pending + " to come");
    regions.stream()
        .filter(each -> !isGone(each))
        .forEach(
            each ->
                text.append("; ")
                    .append(each.name)
                    .append(' ')
                    .append(each.membership().inWords()));
    return text.toString();
  }
}

package io.equator.replication.log;

/** What became of a change of a group's members. */
public sealed interface MembershipChange {

  /** The members are as asked for. */
  record Done() implements MembershipChange {}

  /** This replica does not lead; nothing was done. */
  record NotLeader() implements MembershipChange {}

  /** The members are others than the caller believed; nothing was done. */
  record OtherMembers(String members) implements MembershipChange {}

  /** Refused, or not in time: then it may still come about. Ask again with what is by then. */
  record Failed(String why) implements MembershipChange {}
}

package io.fundamentallm.runtime.cpu.kernels.team;

import java.lang.ref.Cleaner;

/**
 * A team of threads that work together: the caller, and the team's own daemon threads. These start
 * when first needed, busy-wait for a moment after each job, and then sleep.
 *
 * <p>Each member has a <em>slot</em>, a number below {@link #slots()} that no other thread has at
 * that time: scratch memory belongs to slots, not to callers. Work is divided by slot, {@linkplain
 * #claim claimed}, or {@linkplain #divide both}. For results that do not depend on the number of
 * threads, give each piece its own output.
 *
 * <p>Thread-safe; calls from several threads take turns. Callers may be virtual threads. If it is
 * forgotten instead of closed, its threads end when the garbage collector notices.
 */
public final class Parallel implements AutoCloseable {

  /** One numbered piece of work. */
  @FunctionalInterface
  public interface Piece {
    /**
     * Does the piece.
     *
     * @param index from 0 to the number of pieces − 1
     * @param slot the slot of the thread that runs it
     */
    void run(int index, int slot);
  }

  /** What every member of the team does. */
  @FunctionalInterface
  public interface Member {
    /**
     * Does the member's part. All members must reach the same barriers.
     *
     * @param slot of this member, from 0, the caller
     * @param members how many take part, perhaps fewer than in the last job
     */
    void run(int slot, int members);
  }

  private final Team team;
  private final Cleaner.Cleanable closing;

  private Parallel(int threads) {
    Team own = new Team(threads);
    team = own;
    closing = Shared.CLEANER.register(this, own::close);
  }

  /** One for all teams; its thread starts with the first. */
  private static final class Shared {
    static final Cleaner CLEANER = Cleaner.create();
  }

  /** A team of the caller and {@code threads − 1} others. */
  public static Parallel ofThreads(int threads) {
    return new Parallel(threads);
  }

  /** The number of threads that may work at the same time, the caller included. */
  public int slots() {
    return team.slots();
  }

  /**
   * Runs all pieces, claimed one by one in ascending order, and returns when all are done. What
   * they wrote is then visible to the caller.
   *
   * <p>It does not wait for members that come after the last piece is claimed, as when other
   * programs occupy the processors. If a piece throws, no further ones start, and the exception
   * reaches the caller once those under way have ended.
   *
   * @param pieces how many; none if zero
   * @throws IllegalStateException if called from within a piece on the calling thread
   */
  public void run(int pieces, Piece piece) {
    team.run(pieces, piece);
  }

  /**
   * As {@link #run}, but each member begins with its own share of the pieces, those with the same
   * numbers each time, so that it finds in its caches what it wrote; who is done takes over pieces
   * of those that are late.
   *
   * @param pieces how many; none if zero
   * @throws IllegalStateException if called from within a piece on the calling thread
   */
  public void divide(int pieces, Piece piece) {
    team.divide(pieces, piece);
  }

  /**
   * Lets every member do its part, and returns when all have. If one throws, the others leave at
   * their next barrier or claim, and the exception reaches the caller.
   *
   * <p>Members are all {@link #slots()} at first. While other programs keep some of their threads
   * from the processors, so that the rest wait too long at barriers, jobs have fewer.
   *
   * @throws IllegalStateException if called from within parallel work on the calling thread
   */
  public void together(Member part) {
    team.together(part);
  }

  /**
   * Where the share of a member begins when n things are divided evenly, in whole units. It is the
   * same for all work of the same size, so that each member finds in its caches what it wrote.
   *
   * @param n how many things
   * @param unit how many of them stay together, 1 or more
   * @param member from 0 to members
   * @param members 1 or more
   * @return from 0 to n; n for the member after the last, because a share ends where the next one
   *     begins
   */
  public static int share(int n, int unit, int member, int members) {
    long units = ((long) n + unit - 1) / unit;
    return (int) Math.min(n, units * member / members * unit);
  }

  /**
   * Waits until every member has reached the barrier. What they wrote before is then visible to
   * all.
   */
  public void barrier() {
    team.barrier();
  }

  /**
   * The next number that no member has claimed yet: 0, 1, 2 and so on, from 0 again after each
   * barrier. Very large once a member has failed.
   */
  public int claim() {
    return team.claim();
  }

  /**
   * The next part that nobody has taken yet, of parts that are all numbered: those of member m from
   * {@code m·each} on. A member takes its own first, in ascending order, so that it finds in its
   * caches what it wrote; then those of members that are late, perhaps because another program has
   * their processor. In the time between two barriers only one kind of work may be taken, and all
   * members must give the same number.
   *
   * @param slot of this member
   * @param each parts of each member, 0 or more
   * @return less than 0 if all are taken, or a member has failed
   */
  public int take(int slot, int each) {
    return team.take(slot, each);
  }

  /** Ends the threads of the team. Later work runs on its caller. */
  @Override
  public void close() {
    closing.clean();
  }
}

package io.fundamentallm.runtime.cpu.kernels;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A team of threads that work together: the caller, and daemon threads of its own which start when
 * first needed, wait actively for a moment after each work, and then sleep.
 *
 * <p>Each member has a <em>slot</em>, a number below {@link #slots()} that no other thread has at
 * that time: scratch memory belongs to slots, not to callers. Which member does what is either
 * divided by slot or {@linkplain #claim claimed}; whoever wants results that do not depend on the
 * number of threads gives each piece an output of its own.
 *
 * <p>Thread-safe; calls from several threads take turns. Callers may be virtual threads.
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
     * Does the member's part. All members must come to the same barriers.
     *
     * @param slot of this member, from 0, the caller
     * @param members how many there are
     */
    void run(int slot, int members);
  }

  /** Leaves a work that another member has failed at. */
  private static final class Abandoned extends RuntimeException {
    private static final long serialVersionUID = 1;

    Abandoned() {
      super(null, null, false, false);
    }
  }

  static final int CLOSED = -1;

  /** Set in the number of a work that needs every member. */
  static final int NEEDS_ALL = 1;

  // In place of the members inside: nobody may come in any more.
  private static final int SHUT = -1;

  // Counters on cache lines of their own, and of the neighbours that prefetchers bring along.
  private static final int ARRIVED = 32;
  private static final int CLAIMED = 64;
  private static final int DONE = 96;
  private static final int INSIDE = 128;
  private static final int SPINS_BEFORE_YIELD = 2000;

  private final AtomicIntegerArray counters = new AtomicIntegerArray(160);
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final ReentrantLock turn = new ReentrantLock();
  private final Helper[] helpers;
  // Written by whoever has the turn; helpers read them after the counters that publish them.
  private int members = 1;
  private boolean closed;
  private @Nullable Member member;
  private volatile int work;
  private volatile int phase;

  private Parallel(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be 1 or more, not " + threads);
    }
    helpers = new Helper[threads - 1];
    counters.set(INSIDE, SHUT);
  }

  /** A team of the caller and {@code threads − 1} others. */
  public static Parallel ofThreads(int threads) {
    return new Parallel(threads);
  }

  /** The number of threads that may work at the same time, the caller included. */
  public int slots() {
    return helpers.length + 1;
  }

  /**
   * Runs all pieces, claimed one by one in ascending order, and returns when all are done. What
   * they wrote is then visible to the caller.
   *
   * <p>Members that do not come before the last piece is claimed are not waited for, as when other
   * programs have the processors. If a piece throws, no further ones begin, and the exception
   * reaches the caller once those under way have ended.
   *
   * @param pieces how many; none if zero
   * @throws IllegalStateException if called from within a piece on the calling thread
   */
  public void run(int pieces, Piece piece) {
    enter();
    try {
      if (pieces <= 1) {
        if (pieces == 1) {
          piece.run(0, 0);
        }
        return;
      }
      begin(
          (slot, all) -> {
            for (int i = claim(); i < pieces; i = claim()) {
              piece.run(i, slot);
            }
          });
      counters.set(INSIDE, 1);
      call(0);
      part(0);
      counters.decrementAndGet(INSIDE);
      for (int spins = 0; !counters.compareAndSet(INSIDE, 0, SHUT); spins++) {
        pause(spins);
      }
      end();
    } finally {
      turn.unlock();
    }
  }

  /**
   * Lets every member do its part, and returns when all have. If one throws, the others leave at
   * their next barrier or claim, and the exception reaches the caller.
   *
   * @throws IllegalStateException if called from within parallel work on the calling thread
   */
  public void together(Member part) {
    enter();
    try {
      begin(part);
      call(NEEDS_ALL);
      join(0, NEEDS_ALL);
      for (int spins = 0; counters.get(DONE) < members; spins++) {
        pause(spins);
      }
      end();
    } finally {
      turn.unlock();
    }
  }

  /**
   * Where the share of a member begins when n things are divided evenly, in whole units. It is the
   * same for all work of the same size, so that each member finds in its caches what it wrote.
   *
   * @param n how many things
   * @param unit how many of them stay together, 1 or more
   * @param member from 0 to members
   * @param members 1 or more
   * @return from 0 to n, which is the beginning for the member that follows the last: a share ends
   *     where the next one begins
   */
  public static int share(int n, int unit, int member, int members) {
    long units = ((long) n + unit - 1) / unit;
    return (int) Math.min(n, units * member / members * unit);
  }

  private void begin(Member part) {
    startHelpers();
    member = part;
    failure.set(null);
    counters.set(ARRIVED, 0);
    counters.set(CLAIMED, 0);
    counters.set(DONE, 0);
  }

  /** Tells the helpers that there is work. */
  private void call(int needs) {
    if (members > 1) {
      int next = (work & ~NEEDS_ALL) + 2;
      work = (next == -2 ? 0 : next) | needs; // not to be taken for CLOSED
      for (int i = 0; i < members - 1; i++) {
        helpers[i].wake();
      }
    }
  }

  private void end() {
    member = null;
    rethrow();
  }

  /** Waits until every member has come here. What they wrote before is then visible to all. */
  public void barrier() {
    int before = phase;
    if (members == 1) {
      counters.setPlain(CLAIMED, 0);
    } else if (counters.incrementAndGet(ARRIVED) == members) {
      counters.setPlain(ARRIVED, 0);
      counters.setPlain(CLAIMED, 0);
      phase = before + 1;
    } else {
      for (int spins = 0; phase == before; spins++) {
        if (failure.getOpaque() != null) {
          throw new Abandoned();
        }
        pause(spins);
      }
    }
    if (failure.get() != null) {
      throw new Abandoned();
    }
  }

  /**
   * The next number that no member has yet: 0, 1, 2 and so on, from 0 again after each barrier.
   * Very large once a member has failed.
   */
  public int claim() {
    return failure.getOpaque() == null ? counters.getAndIncrement(CLAIMED) : Integer.MAX_VALUE;
  }

  private void enter() {
    if (turn.isHeldByCurrentThread()) {
      throw new IllegalStateException("a piece of parallel work may not start parallel work");
    }
    turn.lock();
  }

  private void startHelpers() {
    while (!closed && members <= helpers.length) {
      Helper helper = new Helper(this, members, work);
      try {
        helper.start();
      } catch (OutOfMemoryError e) {
        return; // no more native threads; perhaps next time
      }
      helpers[members - 1] = helper;
      members++;
    }
  }

  /** Does one member's part of the work with this number. */
  void join(int slot, int number) {
    if ((number & NEEDS_ALL) != 0) {
      part(slot);
      counters.incrementAndGet(DONE);
      return;
    }
    // The work inside may be a later one than that of the number; to help there is as well.
    for (int inside = counters.get(INSIDE); inside != SHUT; inside = counters.get(INSIDE)) {
      if (counters.compareAndSet(INSIDE, inside, inside + 1)) {
        part(slot);
        counters.decrementAndGet(INSIDE);
        return;
      }
    }
  }

  private void part(int slot) {
    try {
      Member part = member;
      if (part != null) {
        part.run(slot, members);
      }
    } catch (Abandoned e) {
      // whoever failed has left the reason
    } catch (Throwable t) {
      failure.compareAndSet(null, t);
    }
  }

  /** The number of the work at hand, which changes when there is new work. */
  int work() {
    return work;
  }

  private static void pause(int spins) {
    if (spins > SPINS_BEFORE_YIELD) {
      Thread.yield(); // more threads than processors
    } else {
      Thread.onSpinWait();
    }
  }

  private void rethrow() {
    Throwable t = failure.getPlain();
    if (t instanceof Error error) {
      throw error;
    }
    if (t != null) {
      // A part declares no checked exception.
      throw (RuntimeException) t;
    }
  }

  /** Ends the threads of the team. Work that comes later runs on its caller. */
  @Override
  public void close() {
    turn.lock();
    try {
      closed = true;
      work = CLOSED;
      for (int i = 0; i < members - 1; i++) {
        helpers[i].wake();
      }
      members = 1;
    } finally {
      turn.unlock();
    }
  }
}

package io.fundamentallm.runtime.cpu.kernels.team;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What the members of a {@link Parallel} share. Its helpers refer to this and not to the {@link
 * Parallel} itself, so that the latter can be forgotten.
 */
final class Team {
  /** Leaves a job in which another member has failed. */
  private static final class Abandoned extends RuntimeException {
    private static final long serialVersionUID = 1;

    Abandoned() {
      super(null, null, false, false);
    }
  }

  static final long CLOSED = -1;

  /** The low bits of a job's number: how many members it waits for; 0 if for those who come. */
  private static final int NEEDED_BITS = 20;

  // In place of the number of members inside: no more may enter.
  private static final int SHUT = -1;

  // Counters on separate cache lines, apart from the neighbours that prefetchers also load.
  private static final int ARRIVED = 32;
  private static final int CLAIMED = 64;
  private static final int DONE = 96;
  private static final int INSIDE = 128;

  /**
   * Some 100 µs. Who gives way loses the processor for a whole slice of time: beside a program that
   * kept one of two processors busy, giving way after 5 µs halved the speed of decoding. What all
   * but one wait beyond that counts as {@linkplain Attendance waiting for a member that is away}.
   */
  private static final int SPINS_BEFORE_YIELD = 2000;

  private final AtomicIntegerArray counters = new AtomicIntegerArray(160);

  /** For each member, {@link #APART} apart, the phase above 32 bits that are its parts taken. */
  private final AtomicLongArray taken;

  private static final int APART = 16;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final ReentrantLock turn = new ReentrantLock();
  private final Helper[] helpers;
  // Written by the caller whose turn it is; helpers read them after the counters that publish them.
  private int members = 1;
  private boolean closed;
  private int present = 1; // members of the job under way
  private Parallel.@Nullable Member member;
  private volatile long work;
  private volatile int phase;
  private final Attendance attendance = new Attendance();
  private final AtomicLong waited = new AtomicLong(); // in the job under way, for the last member

  Team(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be 1 or more, not " + threads);
    }
    helpers = new Helper[threads - 1];
    taken = new AtomicLongArray((threads + 1) * APART);
    counters.set(INSIDE, SHUT);
  }

  /** See {@link Parallel#slots}. */
  int slots() {
    return helpers.length + 1;
  }

  /** See {@link Parallel#run}. */
  void run(int pieces, Parallel.Piece piece) {
    run(
        pieces,
        piece,
        (slot, all) -> {
          for (int i = claim(); i < pieces; i = claim()) {
            piece.run(i, slot);
          }
        });
  }

  /** See {@link Parallel#divide}. */
  void divide(int pieces, Parallel.Piece piece) {
    run(
        pieces,
        piece,
        (slot, all) -> {
          int each = (pieces + all - 1) / all;
          for (int i = take(slot, each); i >= 0; i = take(slot, each)) {
            if (i < pieces) { // the last share may be shorter
              piece.run(i, slot);
            }
          }
        });
  }

  private void run(int pieces, Parallel.Piece piece, Parallel.Member part) {
    enter();
    try {
      if (pieces <= 1) {
        if (pieces == 1) {
          piece.run(0, 0);
        }
        return;
      }
      begin(part);
      present = members;
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

  /** See {@link Parallel#together}. */
  void together(Parallel.Member part) {
    enter();
    try {
      begin(part);
      long start = System.nanoTime();
      present = attendance.members(members, start);
      waited.setPlain(0);
      call(present);
      part(0);
      long late = awaitOthers();
      long now = System.nanoTime();
      attendance.ended(present, now - start, waited.get() + late, now);
      end();
    } finally {
      turn.unlock();
    }
  }

  /**
   * Waits until all have done their parts.
   *
   * @return the nanoseconds for which all but one waited for the last, beyond the usual
   */
  private long awaitOthers() {
    int spins = 0;
    long since = 0;
    for (int left = left(); left > 0; left = left()) {
      if (spins <= SPINS_BEFORE_YIELD || left > 1) {
        since = System.nanoTime();
      }
      pause(spins++);
    }
    return spins > SPINS_BEFORE_YIELD ? System.nanoTime() - since : 0;
  }

  /** Helpers that the job still waits for. */
  private int left() {
    return present - 1 - counters.get(DONE);
  }

  private void begin(Parallel.Member part) {
    startHelpers();
    member = part;
    phase = phase + 1;
    failure.set(null);
    counters.set(ARRIVED, 0);
    counters.set(CLAIMED, 0);
    counters.set(DONE, 0);
  }

  /**
   * Tells the helpers that there is work.
   *
   * @param needed how many members must take part, the caller among them; 0 for those who come
   */
  private void call(int needed) {
    if (present > 1) {
      work = ((work >>> NEEDED_BITS) + 1) << NEEDED_BITS | needed;
      for (int i = 0; i < present - 1; i++) {
        helpers[i].wake();
      }
    }
  }

  /** How many members the work with this number waits for, the caller among them. */
  static int needed(long number) {
    return (int) number & (1 << NEEDED_BITS) - 1;
  }

  private void end() {
    member = null;
    rethrow();
  }

  /** See {@link Parallel#barrier}. */
  void barrier() {
    int before = phase;
    int arrived = present == 1 ? 1 : counters.incrementAndGet(ARRIVED);
    if (arrived == present) {
      counters.setPlain(ARRIVED, 0);
      counters.setPlain(CLAIMED, 0);
      phase = before + 1;
    } else {
      awaitPhaseAfter(before, arrived == present - 1);
    }
    if (failure.get() != null) {
      throw new Abandoned();
    }
  }

  private void awaitPhaseAfter(int before, boolean lastButOne) {
    int spins = 0;
    long since = 0;
    for (; phase == before; spins++) {
      if (failure.getOpaque() != null) {
        throw new Abandoned();
      }
      since = spins == SPINS_BEFORE_YIELD ? System.nanoTime() : since;
      pause(spins);
    }
    if (lastButOne && spins > SPINS_BEFORE_YIELD) {
      waited.addAndGet(System.nanoTime() - since);
    }
  }

  /** See {@link Parallel#claim}. */
  int claim() {
    return failure.getOpaque() == null ? counters.getAndIncrement(CLAIMED) : Integer.MAX_VALUE;
  }

  /** See {@link Parallel#take}. */
  int take(int slot, int each) {
    for (int i = 0; i < present && failure.getOpaque() == null; i++) {
      int owner = (slot + i) % present;
      int part = takeOf(owner, each);
      if (part < each) {
        return owner * each + part;
      }
    }
    return -1;
  }

  private int takeOf(int owner, int each) {
    int at = (owner + 1) * APART;
    while (true) {
      long seen = taken.get(at);
      // whoever comes first in this phase begins the owner's parts anew
      int next = (int) (seen >>> 32) == phase ? (int) seen : 0;
      if (next >= each || taken.compareAndSet(at, seen, (long) phase << 32 | next + 1)) {
        return next;
      }
    }
  }

  private void enter() {
    if (turn.isHeldByCurrentThread()) {
      throw new IllegalStateException("a piece of parallel work may not start parallel work");
    }
    turn.lock();
  }

  /** Lets a helper end if no work is under way. */
  boolean leaves(int slot) {
    if (!turn.tryLock()) {
      return false;
    }
    try {
      helpers[slot - 1].left = true;
      return true;
    } finally {
      turn.unlock();
    }
  }

  private void startHelpers() {
    for (int slot = 1; slot < members; slot++) {
      if (helpers[slot - 1].left) {
        Helper helper = new Helper(this, slot, work);
        helper.start();
        helpers[slot - 1] = helper;
      }
    }
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
  void join(int slot, long number) {
    int needed = needed(number);
    if (needed > 0) {
      if (slot < needed) {
        part(slot);
        counters.incrementAndGet(DONE);
      }
      return;
    }
    // The work inside may be later than this number; helping there is just as good.
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
      Parallel.Member part = member;
      if (part != null) {
        part.run(slot, present);
      }
    } catch (Abandoned e) {
      // the member that failed has left the reason
    } catch (Throwable t) {
      failure.compareAndSet(null, t);
    }
  }

  /** The number of the current work, which changes when there is new work. */
  long work() {
    return work;
  }

  private static void pause(int spins) {
    if (spins > SPINS_BEFORE_YIELD) {
      Thread.yield(); // or more threads than processors
    } else {
      Thread.onSpinWait();
    }
  }

  private void rethrow() {
    Throwable t = failure.getAndSet(null); // it may refer to the owner of the team
    if (t instanceof Error error) {
      throw error;
    }
    if (t != null) {
      // A part declares no checked exception.
      throw (RuntimeException) t;
    }
  }

  /** Ends the helpers once the work under way is done. Does nothing the second time. */
  void close() {
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

package io.fundamentallm.runtime.cpu.kernels.team;

import java.util.concurrent.locks.LockSupport;

/**
 * A thread of a {@link Team} besides the caller: it waits for work, does its part and waits again.
 * One that is interrupted while it sleeps ends, as a program that ends all threads expects; the
 * team starts another when there is work.
 */
final class Helper extends Thread {

  /**
   * How long to busy-wait before sleeping. Waking a sleeping thread takes about 50 µs; between two
   * tokens a caller samples for 10 to 100 µs, between two parts of a training step less.
   */
  static final long SPIN_NANOS = 200_000;

  /**
   * The same after work that does without those who come late. On a processor that another program
   * wants, busy-waiting uses up the time that the next piece needs: beside one that kept one of two
   * processors busy, a step of training took 21 ms with a wait of 200 µs, 16 with this.
   */
  private static final long SHORT_SPIN_NANOS = 30_000;

  /** Until an interrupted one tries again to leave, which it may not while work is under way. */
  private static final long RETRY_NANOS = 1_000_000;

  private final Team team;
  private final int slot;
  private long seen;
  private boolean interrupted;
  private volatile boolean sleeping;
  boolean left; // guarded by the turn of the team

  /**
   * A helper that waits for the next work.
   *
   * @param seen the number of the last work
   */
  Helper(Team team, int slot, long seen) {
    super("fundamentallm-cpu-" + slot);
    this.team = team;
    this.slot = slot;
    this.seen = seen;
    setDaemon(true);
  }

  @Override
  public void run() {
    while (true) {
      long work = await();
      if (work == Team.CLOSED) {
        return;
      }
      seen = work;
      team.join(slot, work);
    }
  }

  /** Waits for work with a different number from the last. */
  private long await() {
    boolean needed = slot < Team.needed(seen);
    long deadline = System.nanoTime() + (needed ? SPIN_NANOS : SHORT_SPIN_NANOS);
    int spins = 0;
    long work = team.work();
    while (work == seen) {
      if ((++spins & 63) == 0 && System.nanoTime() > deadline) {
        return sleep();
      }
      Thread.onSpinWait();
      work = team.work();
    }
    return work;
  }

  private long sleep() {
    // Published before checking for work again, so that a thread that brings work sees it.
    sleeping = true;
    long work = team.work();
    while (work == seen) {
      if (interrupted) {
        LockSupport.parkNanos(team, RETRY_NANOS);
      } else {
        LockSupport.park(team);
      }
      interrupted |= Thread.interrupted(); // with the flag set, park would no longer wait
      if (interrupted && team.leaves(slot)) {
        return Team.CLOSED;
      }
      work = team.work();
    }
    sleeping = false;
    return work;
  }

  void wake() {
    if (sleeping) {
      LockSupport.unpark(this);
    }
  }
}

package io.fundamentallm.benchmarks;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Megabytes of UTF-8 a second, reported beside the operations a second. */
@AuxCounters
@State(Scope.Thread)
public class Rate {
  /** What a thread has worked through. JMH clears it and divides it by the time. */
  public double megabytes;
}

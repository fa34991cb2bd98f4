package io.fundamentallm.runtime.cpu.kernels;

import io.fundamentallm.runtime.cpu.kernels.onednn.OneDnn;
import io.fundamentallm.runtime.cpu.kernels.onednn.OneDnnUnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The kernel implementations that this JVM can run, and random arrays to run them on. */
public final class KernelSets {

  private KernelSets() {}

  /** Scalar always; the Vector API where the JVM has its module. */
  public static List<Kernels> all() {
    List<Kernels> sets = new ArrayList<>();
    sets.add(KernelChoice.scalar());
    if (KernelChoice.modulePresent()) {
      sets.add(KernelChoice.vector());
    }
    return sets;
  }

  /** The last of {@link #all}, which begin with the scalar ones. */
  public static Kernels beginning() {
    List<Kernels> sets = all();
    return KernelChoice.beginning(sets.get(0), sets.get(sets.size() - 1));
  }

  /**
   * Those of {@link #all} with oneDNN for large products; none where its native code is not there.
   */
  public static List<Kernels> oneDnn() {
    try {
      OneDnn library = OneDnn.load();
      return all().stream().map(java -> KernelChoice.with(library, java)).toList();
    } catch (OneDnnUnavailableException e) {
      return List.of();
    }
  }

  /** A condition of tests. */
  public static boolean oneDnnRuns() {
    return !oneDnn().isEmpty();
  }

  /** Normal numbers of deviation 1. */
  public static float[] random(int length, Random random) {
    float[] x = new float[length];
    for (int i = 0; i < length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }
}

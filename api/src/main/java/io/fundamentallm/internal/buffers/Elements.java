package io.fundamentallm.internal.buffers;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The elements of lists that callers give. */
public final class Elements {
  private Elements() {}

  /**
   * A copy that no longer changes.
   *
   * @param name what the caller knows the list by
   * @throws NullPointerException that names the list, or the first element that is null
   */
  public static <T> List<T> copy(@Nullable List<? extends @Nullable T> list, String name) {
    List<T> copy = new ArrayList<>(requireNonNull(list, name).size());
    for (T element : list) {
      if (element == null) {
        throw new NullPointerException(name + "[" + copy.size() + "] is null");
      }
      copy.add(element);
    }
    return List.copyOf(copy);
  }

  /** The same of an array. */
  public static <T> List<T> copy(@Nullable T @Nullable [] array, String name) {
    return copy(Arrays.asList(requireNonNull(array, name)), name);
  }
}

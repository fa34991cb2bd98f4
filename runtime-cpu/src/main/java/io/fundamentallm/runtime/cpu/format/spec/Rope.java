package io.fundamentallm.runtime.cpu.format.spec;

import io.fundamentallm.runtime.cpu.model.Rotary;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The rotary positions of a model.
 *
 * @param rotary of layers that see everything
 * @param sliding of layers that have a window
 * @param contextLength the longest sequence with them
 */
public record Rope(@Nullable Rotary rotary, @Nullable Rotary sliding, int contextLength) {

  /** Reads them from a file. */
  public interface Source {
    /**
     * Reads them.
     *
     * @param headSize channels of a head
     */
    Rope read(int headSize) throws IOException;
  }
}

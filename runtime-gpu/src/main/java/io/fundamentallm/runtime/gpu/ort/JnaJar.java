package io.fundamentallm.runtime.gpu.ort;

import com.sun.jna.Native;
import org.jspecify.annotations.Nullable;

/**
 * Whether the application brought JNA. A separate class, because it loads without JNA and {@link
 * OrtApi} may not.
 */
public final class JnaJar {
  private JnaJar() {}

  /** Why JNA cannot be used; null if it can. */
  public static @Nullable String missing() {
    try {
      // not a constant, which the compiler would inline: this loads the class and its library
      return Native.POINTER_SIZE == Long.BYTES ? null : "this JVM is not 64-bit";
    } catch (LinkageError e) {
      return "net.java.dev.jna:jna is not there, or cannot load its library";
    }
  }
}

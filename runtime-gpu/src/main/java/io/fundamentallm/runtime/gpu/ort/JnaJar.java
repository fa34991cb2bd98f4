package io.fundamentallm.runtime.gpu.ort;

import com.sun.jna.Native;
import org.jspecify.annotations.Nullable;

/**
 * Whether the application brought JNA. A class of its own, which loads without it, as {@link
 * OrtApi} need not.
 */
public final class JnaJar {
  private JnaJar() {}

  /** Why JNA cannot be used; null where it can. */
  public static @Nullable String missing() {
    try {
      // no constant, which the compiler would copy: this loads the class and its library
      return Native.POINTER_SIZE == Long.BYTES ? null : "this JVM has no 64 bits";
    } catch (LinkageError e) {
      return "net.java.dev.jna:jna is not there, or cannot load its library";
    }
  }
}

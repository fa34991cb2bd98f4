package com.example.tenant;

import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * Starts the application in a loader, as a container does that knows it by its class name alone.
 */
final class Container {
  private Container() {}

  /**
   * The tenant of a loader.
   *
   * @param parts see {@link Tenant}
   */
  static Callable<?> tenant(ClassLoader loader, Path model, ClassLoader... parts) throws Exception {
    return (Callable<?>)
        make(loader, "Tenant", new Class<?>[] {Path.class, List.class}, model, List.of(parts));
  }

  /** See {@link WholeLife}. */
  static Callable<?> wholeLife(ClassLoader loader, Path model) throws Exception {
    return (Callable<?>) make(loader, "WholeLife", new Class<?>[] {Path.class}, model);
  }

  private static Object make(ClassLoader loader, String name, Class<?>[] types, Object... arguments)
      throws Exception {
    try {
      return loader
          .loadClass("com.example.tenant." + name)
          .getConstructor(types)
          .newInstance(arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }
}

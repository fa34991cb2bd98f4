package com.example.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an application that is undeployed leaves behind: nothing. */
class CollectedTest {
  private static final int ATTEMPTS = 6000;
  private static final long PAUSE_MILLIS = 50;

  @TempDir Path folder;

  @Test
  void once_all_is_closed_the_threads_end_and_the_class_loader_is_collected() throws Exception {
    WeakReference<ClassLoader> loader = live("one");
    live("another"); // the JDK keeps the class of whose record it linked a method last
    assertThat(happens(() -> loader.refersTo(null))).as("collected").isTrue();
    assertThat(happens(() -> ours().isEmpty())).as("%s", ours()).isTrue();
  }

  /** In a method of its own, so that no local variable of the test holds anything. */
  private WeakReference<ClassLoader> live(String name) throws Exception {
    try (URLClassLoader loader = Jars.loader(Jars.all().stream())) {
      assertThat((List<?>) Container.wholeLife(loader, folder.resolve(name)).call())
          .hasSize(14)
          .doesNotContainNull();
      return new WeakReference<>(loader);
    }
  }

  private static List<String> ours() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("fundamentallm"))
        .toList();
  }

  private static boolean happens(BooleanSupplier expected) throws InterruptedException {
    for (int i = 0; i < ATTEMPTS && !expected.getAsBoolean(); i++) {
      System.gc();
      Thread.sleep(PAUSE_MILLIS);
    }
    return expected.getAsBoolean();
  }
}

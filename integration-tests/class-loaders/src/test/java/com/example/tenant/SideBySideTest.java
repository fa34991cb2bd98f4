package com.example.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two copies of the library in one JVM, as of two web applications in one server. */
class SideBySideTest {
  @TempDir static Path folder;
  private static Path model;

  private final ClassLoader before = Thread.currentThread().getContextClassLoader();

  @BeforeAll
  static void train() throws Exception {
    model = SmallModel.train(folder.resolve("model"));
  }

  @AfterEach
  void restoreContextLoader() {
    Thread.currentThread().setContextClassLoader(before);
  }

  @Test
  void two_copies_write_at_the_same_time_what_one_writes_alone() throws Exception {
    try (URLClassLoader one = Jars.loader(Jars.all().stream());
        URLClassLoader two = Jars.loader(Jars.all().stream())) {
      Callable<?> first = Container.tenant(one, model);
      Object expected = first.call();
      Callable<?> second = Container.tenant(two, model);
      assertThat(first.getClass()).isNotSameAs(second.getClass());
      assertThat(first.toString()).contains("lipogram (priority 0): com.example.plugins.Lipogram");

      ExecutorService threads = Executors.newFixedThreadPool(4);
      try {
        List<Future<?>> texts = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
          texts.add(threads.submit(first));
          texts.add(threads.submit(second));
        }
        for (Future<?> text : texts) {
          assertThat(text.get()).isEqualTo(expected);
        }
      } finally {
        threads.shutdownNow();
      }

      ((AutoCloseable) first).close();
      assertThatThrownBy(first::call).isInstanceOf(IllegalStateException.class);
      assertThat(second.call()).as("what each shares is its own").isEqualTo(expected);
      ((AutoCloseable) second).close();
    }
  }

  @Test
  void each_copy_has_the_parts_of_its_own_loader() throws Exception {
    try (URLClassLoader whole = Jars.loader(Jars.all().stream());
        URLClassLoader less =
            Jars.loader(
                Jars.all().stream().filter(jar -> !jar.toString().contains("custom-plugins")))) {
      Thread.currentThread().setContextClassLoader(whole);
      Callable<?> tenant = Container.tenant(less, model);
      assertThat(tenant.toString())
          .doesNotContain("lipogram")
          .contains("not searched: " + whole + " has its own copy of ");
      ((AutoCloseable) tenant).close();
    }
  }

  @Test
  void whatever_the_context_loader_is_the_parts_beside_the_library_are_found() throws Exception {
    try (URLClassLoader own = Jars.loader(Jars.all().stream());
        URLClassLoader other = Jars.loader(Jars.all().stream())) {
      List<Object> texts = new ArrayList<>();
      for (ClassLoader context :
          new ClassLoader[] {own, null, ClassLoader.getPlatformClassLoader(), before, other}) {
        Thread.currentThread().setContextClassLoader(context);
        Callable<?> tenant = Container.tenant(own, model);
        texts.add(tenant.call());
        ((AutoCloseable) tenant).close();
      }
      assertThat(texts).isEqualTo(Collections.nCopies(5, texts.get(0)));
    }
  }
}

package com.example.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.PageCode;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README shows is what the library does. */
class ReadmeTest {
  @Test
  void the_example_compiles(@TempDir Path folder) throws Exception {
    List<String> blocks = PageCode.java(Path.of("README.md"));
    assertThat(blocks).hasSize(1);
    String source =
        """
        import io.fundamentallm.*;
        import io.fundamentallm.decoding.*;
        import io.fundamentallm.model.*;
        import io.fundamentallm.text.*;
        import io.fundamentallm.training.*;
        import java.nio.file.Path;
        class Snippet {
          void run(
              Path model,
              ClassLoader tokenizersLoader,
              ClassLoader samplersLoader,
              ClassLoader runtimeLoader)
              throws Exception {
            %s
          }
        }
        """
            .formatted(blocks.get(0));
    PageCode.compile(folder, "Snippet", source);
  }
}

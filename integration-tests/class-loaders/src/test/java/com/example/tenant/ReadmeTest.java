package com.example.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README shows is what the library does. */
class ReadmeTest {
  @Test
  void the_example_compiles(@TempDir Path folder) throws Exception {
    List<MatchResult> blocks =
        Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("README.md")))
            .results()
            .toList();
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
            .formatted(blocks.get(0).group(1));
    Path file = Files.writeString(folder.resolve("Snippet.java"), source);

    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      String classPath = System.getProperty("java.class.path");
      List<String> options = List.of("-cp", classPath, "-d", folder.toString(), "-proc:none");
      boolean compiled =
          compiler
              .getTask(messages, files, null, options, null, files.getJavaFileObjects(file))
              .call();
      assertThat(compiled).as(messages.toString()).isTrue();
    }
  }
}

package io.fundamentallm.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.annotation.Annotation;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;

/**
 * A native image is told of what picocli looks at by reflection: the file says exactly that. With
 * {@code -Dnative.update} it is written anew.
 */
class NativeImageTest {
  private static final Path FILE =
      Path.of(
          "src/main/resources/META-INF/native-image/io.fundamentallm/fundamentallm-command-line",
          "reflect-config.json");

  @Test
  void the_file_names_what_picocli_looks_at() throws Exception {
    Map<String, SortedSet<String>> members = new TreeMap<>();
    collect(Main.program(new Main()).getCommandSpec(), members);
    members.put(TimeOption.class.getName(), new TreeSet<>());
    members.put(Version.class.getName(), new TreeSet<>());
    String expected =
        members.entrySet().stream()
            .map(
                entry ->
                    "  {\"name\": \""
                        + entry.getKey()
                        + "\", \"allDeclaredConstructors\": true"
                        + entry.getValue().stream().collect(Collectors.joining())
                        + "}")
            .collect(Collectors.joining(",\n", "[\n", "\n]\n"));
    if (System.getProperty("native.update") != null) {
      Files.createDirectories(FILE.getParent());
      Files.writeString(FILE, expected);
    }
    assertThat(FILE).content().isEqualTo(expected);
  }

  private static void collect(CommandSpec spec, Map<String, SortedSet<String>> members) {
    add(spec.userObject().getClass(), members);
    spec.mixins().values().forEach(mixin -> collect(mixin, members));
    spec.subcommands().values().forEach(command -> collect(command.getCommandSpec(), members));
    spec.argGroups().forEach(group -> collect(group, members));
  }

  private static void collect(ArgGroupSpec group, Map<String, SortedSet<String>> members) {
    add(group.typeInfo().getType(), members);
    group.subgroups().forEach(inner -> collect(inner, members));
  }

  private static void add(Class<?> type, Map<String, SortedSet<String>> members) {
    for (Class<?> one = type;
        one != null && one.getName().startsWith("io.fundamentallm");
        one = one.getSuperclass()) {
      SortedSet<String> flags = members.computeIfAbsent(one.getName(), name -> new TreeSet<>());
      for (Field field : one.getDeclaredFields()) {
        if (isLookedAt(field.getAnnotations())) {
          flags.add(", \"allDeclaredFields\": true");
        }
      }
      for (Method method : one.getDeclaredMethods()) {
        if (isLookedAt(method.getAnnotations())) {
          flags.add(", \"allDeclaredMethods\": true");
        }
      }
    }
  }

  private static boolean isLookedAt(Annotation[] annotations) {
    for (Annotation annotation : annotations) {
      if (annotation.annotationType().getName().startsWith("picocli.")) {
        return true;
      }
    }
    return false;
  }
}

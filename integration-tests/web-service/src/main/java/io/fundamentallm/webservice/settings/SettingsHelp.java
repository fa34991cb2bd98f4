package io.fundamentallm.webservice.settings;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What {@code --help} prints: all settings, with what the build collected of them, from the
 * records' Javadoc, for editors.
 */
public final class SettingsHelp {
  private static final String COLLECTED = "META-INF/spring-configuration-metadata.json";
  private static final int WIDTH = 78;

  private SettingsHelp() {}

  /** Whether the arguments ask for it. */
  public static boolean isAskedFor(String... arguments) {
    return List.of(arguments).contains("--help") || List.of(arguments).contains("-h");
  }

  /**
   * The page, with a line feed at its end.
   *
   * @throws IOException if the program's own files cannot be read
   */
  public static String page() throws IOException {
    StringBuilder page =
        new StringBuilder(
            """
            Serves models over HTTP with OpenAI's interface.

              java --add-modules jdk.incubator.vector -jar fundamentallm-web-service-VERSION.jar
                  --fundamentallm.model=DIR

            Settings are arguments as above, or lines of an application.properties or
            application.yaml in the directory of the start, without the two hyphens, or
            variables of the environment such as FUNDAMENTALLM_LIMITS_MAXTOKENS. server.port,
            server.address and all others of Spring Boot work as well.
            """);
    Map<String, JsonNode> collected = collected();
    for (Setting setting : Setting.all()) {
      boolean further = setting.name().startsWith(Setting.MODELS);
      JsonNode its = collected.get(further ? Setting.PREFIX + "models" : setting.name());
      page.append("\n").append(setting.name()).append("\n");
      if (its == null) {
        throw new IllegalStateException("nothing was collected of " + setting.name());
      }
      wrap(its.path("description").asString(""), page);
      JsonNode value = its.path("defaultValue");
      wrap(
          setting.expected() + (value.isMissingNode() ? "" : "; by default " + value.asString("")),
          page);
    }
    return page.toString();
  }

  private static Map<String, JsonNode> collected() throws IOException {
    Map<String, JsonNode> all = new HashMap<>();
    // the framework's jars have theirs at the same place
    for (URL place :
        Collections.list(SettingsHelp.class.getClassLoader().getResources(COLLECTED))) {
      try (InputStream in = place.openStream()) {
        for (JsonNode property : new JsonMapper().readTree(in).path("properties")) {
          if (property.path("name").asString("").startsWith(Setting.PREFIX)) {
            all.put(property.path("name").asString(""), property);
          }
        }
      }
    }
    return all;
  }

  private static void wrap(String text, StringBuilder page) {
    String indent = "    ";
    int column = WIDTH;
    for (String word : text.split(" ", -1)) {
      if (column + 1 + word.length() > WIDTH) {
        page.append(page.charAt(page.length() - 1) == '\n' ? "" : "\n").append(indent);
        column = indent.length();
      } else {
        page.append(' ');
        column++;
      }
      page.append(word);
      column += word.length();
    }
    page.append('\n');
  }
}

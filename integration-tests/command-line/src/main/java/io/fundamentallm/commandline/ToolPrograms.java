package io.fundamentallm.commandline;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.fundamentallm.text.ChatTool;
import io.fundamentallm.text.ChatToolCall;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * The tools of a conversation, each a program. The file that names them is a JSON array:
 *
 * <pre>{@code
 * [{"name": "weather", "description": "The weather in a city now.",
 *   "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
 *   "command": ["./weather.py", "--brief"], "timeout": 20}]
 * }</pre>
 *
 * <p>{@code command} is a program and its own arguments; one with a slash is looked for from where
 * the file is. {@code timeout} is in seconds, 60 unless set. How a program is called: {@link
 * ToolProgram}.
 */
final class ToolPrograms {
  /** Where an object begins that does not end; Jackson says it in words of its own. */
  private static final String START_MARKER = " \\(start marker at .*";

  /** What no list of tools comes near. */
  private static final long MAX_BYTES = 1 << 20;

  private static final int MAX_SECONDS = 24 * 60 * 60;
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final Map<String, ToolProgram> programs = new LinkedHashMap<>();
  private final List<ChatTool> tools = new ArrayList<>();
  private final Path file;

  private ToolPrograms(Path file) {
    this.file = file;
  }

  /** None. */
  static ToolPrograms none() {
    return new ToolPrograms(Path.of(""));
  }

  /**
   * Reads the file.
   *
   * @throws IOException naming file and place, if it is not as it should be
   */
  static ToolPrograms read(Path file) throws IOException {
    if (Files.size(file) > MAX_BYTES) {
      throw new IOException(
          file + " has more than the " + MAX_BYTES + " bytes that tools may have");
    }
    ToolPrograms programs = new ToolPrograms(file.toAbsolutePath());
    JsonFactory json =
        JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
    try (JsonParser in = json.createParser(Files.readString(file))) {
      if (in.nextToken() != JsonToken.START_ARRAY) {
        throw programs.bad(in, "expected an array of tools, [{\"name\": …, \"command\": […]}]");
      }
      while (in.nextToken() != JsonToken.END_ARRAY) {
        programs.add(in);
      }
      if (in.nextToken() != null) {
        throw programs.bad(in, "expected the end of the file after the tools");
      }
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new IOException(
          "%s, line %d: %s"
              .formatted(
                  file,
                  e.getLocation().getLineNr(),
                  e.getOriginalMessage().replaceFirst(START_MARKER, "")),
          e);
    } catch (CharacterCodingException e) {
      throw new IOException(file + " is no text in UTF-8", e);
    }
    return programs;
  }

  List<ChatTool> tools() {
    return tools;
  }

  /** The result of a call, for the model; what goes wrong is a result as well. */
  String call(ChatToolCall call, BooleanSupplier cancelled) throws InterruptedException {
    ToolProgram program = programs.get(call.name());
    return program == null
        ? "error: there is no tool " + call.name()
        : program.run(call.arguments(), cancelled);
  }

  private void add(JsonParser in) throws IOException {
    if (in.currentToken() != JsonToken.START_OBJECT) {
      throw bad(in, "expected a tool, an object with name and command");
    }
    String name = null;
    String description = "";
    String parameters = "{}";
    List<String> command = List.of();
    Duration timeout = TIMEOUT;
    while (in.nextToken() != JsonToken.END_OBJECT) {
      String key = in.currentName();
      in.nextToken();
      switch (key) {
        case "name" -> name = text(in, key);
        case "description" -> description = text(in, key);
        case "parameters" -> parameters = copy(in);
        case "command" -> command = texts(in);
        case "timeout" -> timeout = seconds(in);
        default ->
            throw bad(
                in,
                "unknown key \""
                    + key
                    + "\"; a tool has name, description, parameters, command and timeout");
      }
    }
    if (name == null) {
      throw bad(in, "the tool has no name");
    }
    if (command.isEmpty()) {
      throw bad(in, "the tool " + name + " has no command, such as [\"./" + name + ".sh\"]");
    }
    try {
      tools.add(new ChatTool(name, description, parameters));
    } catch (IllegalArgumentException e) {
      throw bad(in, String.valueOf(e.getMessage()));
    }
    if (programs.put(name, new ToolProgram(found(in, command), folder(), timeout)) != null) {
      throw bad(in, "two tools have the name " + name);
    }
  }

  /** A program that names a file must be one, before anybody waits for an answer. */
  private List<String> found(JsonParser in, List<String> command) throws IOException {
    String program = command.get(0);
    if (!program.contains("/") && !program.contains("\\")) {
      return command;
    }
    Path path = folder().resolve(program).normalize();
    if (!Files.isExecutable(path) || Files.isDirectory(path)) {
      throw bad(in, path + " is no program that can be run");
    }
    List<String> absolute = new ArrayList<>(command);
    absolute.set(0, path.toString());
    return absolute;
  }

  private Path folder() {
    Path parent = file.getParent();
    return parent == null ? Path.of("") : parent;
  }

  private String text(JsonParser in, String key) throws IOException {
    if (in.currentToken() != JsonToken.VALUE_STRING) {
      throw bad(in, "expected a string as " + key);
    }
    return in.getText();
  }

  private List<String> texts(JsonParser in) throws IOException {
    String expected = "expected the program and its arguments, an array of strings, as command";
    if (in.currentToken() != JsonToken.START_ARRAY) {
      throw bad(in, expected);
    }
    List<String> all = new ArrayList<>();
    while (in.nextToken() != JsonToken.END_ARRAY) {
      if (in.currentToken() != JsonToken.VALUE_STRING) {
        throw bad(in, expected);
      }
      all.add(in.getText());
    }
    return all;
  }

  private Duration seconds(JsonParser in) throws IOException {
    boolean whole =
        in.currentToken() == JsonToken.VALUE_NUMBER_INT
            && in.getNumberType() == JsonParser.NumberType.INT;
    if (!whole || in.getIntValue() < 1 || in.getIntValue() > MAX_SECONDS) {
      throw bad(in, "expected whole seconds from 1 to " + MAX_SECONDS + " (a day) as timeout");
    }
    return Duration.ofSeconds(in.getIntValue());
  }

  /** A value as it is. */
  private static String copy(JsonParser in) throws IOException {
    StringWriter copied = new StringWriter();
    try (JsonGenerator out = new JsonFactory().createGenerator(copied)) {
      out.copyCurrentStructure(in);
    }
    return copied.toString();
  }

  private IOException bad(JsonParser in, String what) {
    int line = in.currentTokenLocation().getLineNr();
    return new IOException("%s, line %d: %s".formatted(file, line, what));
  }
}

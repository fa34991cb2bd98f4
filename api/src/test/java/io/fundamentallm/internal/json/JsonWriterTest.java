package io.fundamentallm.internal.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonWriterTest {
  private final Map<String, Object> object = new LinkedHashMap<>();

  @BeforeEach
  void every_kind_of_value() {
    object.put("text", "\"\\\n\t\u0001é🙂");
    object.put("list", Arrays.asList(1, 2.5, true, null));
    object.put("object", Map.of("inner", -1e300));
    object.put("nothing", Map.of());
    object.put("none", List.of());
  }

  @Test
  void compact_has_no_white_space() {
    assertThat(JsonWriter.compact(object))
        .isEqualTo(
            "{\"text\":\"\\\"\\\\\\n\\t\\u0001é🙂\",\"list\":[1,2.5,true,null],"
                + "\"object\":{\"inner\":-1.0E300},\"nothing\":{},\"none\":[]}");
  }

  @Test
  void a_file_has_a_key_on_each_line_and_reads_back(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("a.json");
    JsonWriter.write(file, object);
    assertThat(file)
        .content()
        .isEqualTo(
            """
            {
              "text" : "\\"\\\\\\n\\t\\u0001é🙂",
              "list" : [ 1, 2.5, true, null ],
              "object" : {
                "inner" : -1.0E300
              },
              "nothing" : { },
              "none" : [ ]
            }"""
                .stripIndent());
    JsonObject read = JsonObject.read(file);
    assertThat(read.text("text")).isEqualTo(object.get("text"));
    assertThat(read.within("object").real("inner")).isEqualTo(-1e300);
    assertThat(read.names()).containsExactlyElementsOf(object.keySet());
  }
}

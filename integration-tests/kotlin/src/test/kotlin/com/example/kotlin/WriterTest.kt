package com.example.kotlin

import io.fundamentallm.TextGenerator
import java.nio.file.Files
import java.nio.file.Path
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

class WriterTest {
    @TempDir lateinit var folder: Path

    @Test
    fun `pieces flow, arguments have names, and both write the same`() {
        val model = folder.resolve("model")
        train("It is a truth universally acknowledged. ".repeat(20), model, steps = 2)
        TextGenerator.load(model).use { generator ->
            val text = generator.generate("It is", seed = 7, maxNewTokens = 10)
            assertThat(generator.generate("It is", seed = 7, maxNewTokens = 10)).isEqualTo(text)
            val seeded =
                generator
                    .withSampler("temperature=0.8,top-p=0.95")
                    .withSeed(7)
                    .withMaxNewTokens(10)
            runBlocking {
                assertThat(seeded.pieces("It is").toList().joinToString("")).isEqualTo(text)
                assertThat(seeded.pieces("It is").take(2).toList()).hasSize(2)
            }
        }
    }

    @Test
    fun `the page has the versions of the pom`() {
        val pom = Files.readString(Path.of("pom.xml"))
        for (name in listOf("kotlin.version", "coroutines.version")) {
            val version = Regex("<$name>(.+)</$name>").find(pom)!!.groupValues[1]
            assertThat(Path.of("README.md")).content().contains("<version>$version</version>")
        }
    }

    @Test
    fun `the page shows the file`() {
        val source = Files.readString(Path.of("src/test/kotlin/com/example/kotlin/Writer.kt"))
        assertThat(Path.of("README.md")).content().contains("```kotlin\n$source```\n")
    }
}

package com.example.kotlin

import io.fundamentallm.TextGenerator
import io.fundamentallm.Tokenizers
import io.fundamentallm.Trainers
import io.fundamentallm.training.TrainingData
import io.fundamentallm.training.TrainingPlan
import java.nio.file.Path
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.flowOn

/** The pieces of a text as they are written. Cancelling the flow's collector ends the generation. */
fun TextGenerator.pieces(prompt: String): Flow<String> =
    flow { stream(prompt).use { pieces -> pieces.iterator().forEach { emit(it) } } }
        .flowOn(Dispatchers.IO)

/** Named arguments and defaults, where Java has a chain of calls. */
fun TextGenerator.generate(
    prompt: String,
    sampler: String = "temperature=0.8,top-p=0.95",
    seed: Long? = null,
    maxNewTokens: Int = 40,
): String =
    withSampler(sampler)
        .withMaxNewTokens(maxNewTokens)
        .let { if (seed == null) it else it.withSeed(seed) }
        .generate(prompt)

/** Trains a small model of a text. */
fun train(text: String, directory: Path, steps: Int = 100) {
    val tokenizer = Tokenizers.learn("character", text)
    val plan =
        TrainingPlan.builder(directory)
            .architecture("gpt2(layers=1,heads=2,hidden-size=32)")
            .batchSize(4)
            .steps(steps)
            .build()
    Trainers.configured().train(TrainingData.ofText(tokenizer, text, 1.0), plan)
}

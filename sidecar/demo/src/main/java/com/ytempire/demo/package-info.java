/**
 * The whole product on one machine: {@link com.ytempire.demo.Demo} starts every part, lets a real
 * n8n do the main job, and shows what came of it.
 */
@NullMarked
package com.ytempire.demo;

import org.jspecify.annotations.NullMarked;

@NullMarked
package com.ytempire.demo;

import org.jspecify.annotations.NullMarked;

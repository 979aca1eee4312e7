"""Prints the GPU variants and the images of a manifest, one a line."""
import json
import sys

manifest = json.load(open(sys.argv[1]))
for variant in manifest["variants"]:
    if variant["device"] == "cuda":
        print(variant["name"], variant["arch"], "aligned", *variant["aligned"])
        for launch in variant["launches"]:
            for tensor_map in launch.get("tensor_maps", []):
                print("map", tensor_map["tensor"], tensor_map["box"], tensor_map["swizzle_bytes"])
for image in manifest["images"]:
    print("image", image["variant"], image["arch"], image["kind"])

#!/bin/sh
# What the whole playbook does with buckets and data, as somebody writes it with mc: no check of what is in the files, no
# identities, no proof. Arguments: mc, the folder of COGs, the folder of CSV files, a folder for what is written.
set -eu
mc=$1 cogs=$2 training=$3 home=$4
baselines=b/geocrop-baselines/dw/zim/summer datasets=b/geocrop-datasets/zimbabwe_full/v1
for bucket in models baselines results datasets; do
  "$mc" --quiet mb --ignore-existing "b/geocrop-$bucket"
  "$mc" --quiet anonymous set none "b/geocrop-$bucket"
done
"$mc" --quiet mirror --overwrite "$cogs" "$baselines"
"$mc" --quiet mirror --overwrite "$training" "$datasets"
"$mc" --quiet find "$baselines" --name '*.tif' >"$home/keys.txt"
"$mc" --quiet cp "$home/keys.txt" b/geocrop-baselines/manifests/dw_baseline_keys.txt
"$mc" --quiet find "$datasets" --name '*.csv' >"$home/batches.txt"
head -n 5 "$home/keys.txt" | while read -r key; do "$mc" --quiet stat "$key"; done
for bucket in models baselines results datasets; do "$mc" --quiet anonymous get "b/geocrop-$bucket"; done

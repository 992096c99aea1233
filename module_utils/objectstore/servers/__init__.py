"""What a server has beyond S3, a folder for each product.

Here a store is put together and asked what it can do; no other wing asks which product it talks to.
"""
